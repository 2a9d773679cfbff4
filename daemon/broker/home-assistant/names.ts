/** Topics and ids. All are made of the ids of hub and appliance, never of names: a rename is no new device. */

/** The hub's own device, beside the appliances; no appliance has an empty id. */
export const HUB = '';

/** Ids have letters, digits, `_` and `-` only: as Home Assistant wants it in a topic. */
export function objectId(hubId: string, applianceId: string): string {
  return applianceId === HUB ? `voltsafe_${hubId}` : `voltsafe_${hubId}_${applianceId}`;
}

export function discoveryTopic(prefix: string, object: string): string {
  return `${prefix}/device/${object}/config`;
}

/** All devices that anybody announces; `+` is no part of a level, so ours have no filter of their own. */
export function discoveryFilter(prefix: string): string {
  return discoveryTopic(prefix, '+');
}

/** Which of ours a discovery topic may be; null: certainly none. Another hub's may look so: its payload tells. */
export function applianceOf(prefix: string, hubId: string, topic: string): string | null {
  const object = topic.slice(`${prefix}/device/`.length, -'/config'.length);
  if (topic !== discoveryTopic(prefix, object)) return null;
  if (object === objectId(hubId, HUB)) return HUB;
  const front = objectId(hubId, '-').slice(0, -1);
  const id = object.startsWith(front) ? object.slice(front.length) : '';
  return /^[a-z0-9][a-z0-9_-]{0,63}$/i.test(id) ? id : null;
}

/** Home Assistant says `online` here when it has started. */
export function birthTopic(prefix: string): string {
  return `${prefix}/status`;
}

/** api.md: the hub's own topics. */
export function topicsOf(hubId: string) {
  const root = `voltsafe/${hubId}`;
  return {
    status: `${root}/status`,
    load: `${root}/load`,
    state: (applianceId: string) => `${root}/appliance/${applianceId}/state`,
    set: (applianceId: string) => `${root}/appliance/${applianceId}/set`,
  };
}

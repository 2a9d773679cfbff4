/** Topics of a node (wire-formats C4): `<prefix>/<component>/<object_id>/state`. */
export function statusTopic(prefix: string): string {
  return `${prefix}/status`;
}

export function switchTopic(prefix: string, objectId: string): string {
  return `${prefix}/switch/${objectId}/state`;
}

export function sensorTopic(prefix: string, objectId: string): string {
  return `${prefix}/sensor/${objectId}/state`;
}

/** Answered by `esphome/discover/<name>`; older nodes (before 2024.5) know `esphome/discover` alone, which all of them answer. */
export function pingTopic(name: string): string {
  return `esphome/ping/${name}`;
}

export const DISCOVER_TOPIC = 'esphome/discover';

export function announcementTopic(name: string): string {
  return `${DISCOVER_TOPIC}/${name}`;
}

export function commandTopic(prefix: string, objectId: string): string {
  return `${prefix}/switch/${objectId}/command`;
}

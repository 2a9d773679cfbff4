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

export function commandTopic(prefix: string, objectId: string): string {
  return `${prefix}/switch/${objectId}/command`;
}

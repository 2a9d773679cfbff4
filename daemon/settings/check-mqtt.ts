import type { Finding } from './finding.ts';
import type { MqttFile } from './mqtt.ts';

const ANY_HOST = ['0.0.0.0', '::'];

/** Two doors at one place, and files that nobody would read. */
export function checkMqtt(mqtt: MqttFile, http: { readonly host: string; readonly port: number }): Finding[] {
  if (mqtt.mode === 'off') return [];
  if (mqtt.mode === 'external') {
    if (mqtt.ca_file === undefined || mqtt.url.startsWith('mqtts:')) return [];
    return [{ path: ['mqtt', 'ca_file'], message: 'the connection is not encrypted; expected mqtts:// in mqtt.url' }];
  }
  const doors = [
    { path: ['mqtt', 'port'], port: mqtt.port },
    ...(mqtt.tls === undefined ? [] : [{ path: ['mqtt', 'tls', 'port'], port: mqtt.tls.port }]),
  ];
  const isBesideHttp = mqtt.host === http.host || [mqtt.host, http.host].some((host) => ANY_HOST.includes(host));
  const before = isBesideHttp ? [{ path: ['http', 'port'], port: http.port }] : [];
  return doors.flatMap(({ path, port }, index) => {
    const other = [...before, ...doors.slice(0, index)].find((door) => door.port === port && port !== 0);
    if (other === undefined) return [];
    return [{ path, message: `${port} is ${other.path.join('.')} already; expected a port of its own` }];
  });
}

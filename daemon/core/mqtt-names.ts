/** Names of clients of the embedded broker, and the filters that may be given to them beyond their role. */

const NAME = /^[A-Za-z0-9_.-]{1,64}$/;

/**
 * A device's name stands in its topics, and whoever bears it may speak there. These words stand in the topics of other
 * devices, or of the hub: who bore them could speak for all (wire-formats C). In small letters.
 */
const RESERVED: ReadonlySet<string> = new Set([
  // The hub's own, and the roots that many devices share.
  ...['voltsafe', 'hub', 'mqtt', 'homeassistant', 'homie', 'tasmota', 'tasmotas', 'shellies', 'esphome', 'bridge'],
  // Tasmota
  ...['cmnd', 'stat', 'tele', 'lwt', 'result', 'state', 'sensor', 'sensors', 'discovery', 'config', 'power', 'event'],
  // Shelly
  ...['relay', 'command', 'online', 'announce', 'info', 'input', 'input_event', 'emeter', 'status', 'events', 'rpc'],
  ...['energy', 'temperature', 'shelly', 'light', 'roller'],
  // ESPHome, zigbee2mqtt, the hub
  ...['switch', 'binary_sensor', 'text_sensor', 'discover', 'ping', 'availability', 'set', 'get', 'devices', 'groups'],
  ...['device', 'appliance', 'circuit', 'load', 'debug', 'log', 'logging', 'request', 'response', 'debugging'],
]);

/** `POWER2`, `STATUS10`, `INFO1`: the reserved word with a number behind it. */
const NUMBERED = /^(power|status|info|l)\d{0,3}$/;
const ONLY_DIGITS = /^[\d.-]+$/;

export function isMqttName(name: string): boolean {
  return NAME.test(name);
}

/** Nobody may bear it, whatever the role. */
export function isReservedName(name: string): boolean {
  const plain = name.toLowerCase();
  return RESERVED.has(plain) || NUMBERED.test(plain) || ONLY_DIGITS.test(plain);
}

const MAX_FILTER_BYTES = 256;
const MAX_LEVELS = 16;
const CONTROL = /\p{Cc}|\p{Cs}/u;
/** Whoever may speak below a wildcard at the top may speak as the hub: the first level is a word, and none of these. */
const HUB_ROOT = 'voltsafe';

/** Why a filter may not be given to a user; null: it may. */
export function whyNotGranted(filter: string): string | null {
  const levels = filter.split('/');
  const [first = ''] = levels;
  if (filter === '' || CONTROL.test(filter)) return 'expected a topic filter without control characters';
  if (new TextEncoder().encode(filter).length > MAX_FILTER_BYTES || levels.length > MAX_LEVELS)
    return `expected at most ${MAX_FILTER_BYTES} bytes and ${MAX_LEVELS} levels`;
  if (first.includes('+') || first.includes('#')) return 'a filter that begins with a wildcard reaches all topics';
  if (first.startsWith('$')) return "topics below $ are the broker's own";
  if (first === HUB_ROOT) return `topics below ${HUB_ROOT}/ are the hub's own: a role gives them`;
  return isWellFormed(levels) ? null : '+ stands alone in its level, # alone in the last one';
}

function isWellFormed(levels: readonly string[]): boolean {
  return levels.every((level, index) => {
    if (level === '+') return true;
    if (level === '#') return index === levels.length - 1;
    return !level.includes('+') && !level.includes('#');
  });
}

/** Names of clients of the embedded broker, and the filters that may be given to them beyond their role. */

const NAME = /^[A-Za-z0-9_.-]{1,64}$/;

/**
 * A device's name stands in its topics, and whoever bears it may speak there. These levels stand in the topics of many
 * devices, or of the hub (wire-formats C): a device of such a name would be let into all of them. In small letters.
 */
const COMMON: ReadonlySet<string> = new Set([
  ...['cmnd', 'stat', 'tele', 'power', 'result', 'lwt', 'state', 'sensor', 'sensors', 'tasmota', 'tasmotas'],
  ...['shellies', 'relay', 'emeter', 'input', 'input_event', 'announce', 'info', 'online', 'command', 'rpc', 'events'],
  ...['status', 'esphome', 'switch', 'light', 'binary_sensor', 'text_sensor', 'number', 'button', 'cover', 'climate'],
  ...['fan', 'debug', 'availability', 'bridge', 'set', 'get', 'request', 'response', 'devices', 'groups', 'ping'],
  ...['homeassistant', 'device', 'config', 'discovery', 'discover', 'energy', 'voltage', 'current', 'temperature'],
  ...['hub', 'appliance', 'circuit', 'load', 'homie', 'home', 'house', 'mqtt', 'zigbee', 'shelly', 'meter', 'total'],
  ...['roller', 'color', 'white', 'text', 'select', 'event', 'log', 'logging'],
]);

/** How channels are called: `0`, `POWER2`, `l1`, `STATUS8`. */
const CHANNEL = /^(relay|relay_|power|input|l|status|info)?\d*$/;

export function isMqttName(name: string): boolean {
  return NAME.test(name);
}

/** No name for a `device`: too common a level, or the hub's own. Other roles are not let in by their names. */
export function isReservedName(name: string): boolean {
  const plain = name.toLowerCase();
  return COMMON.has(plain) || CHANNEL.test(plain) || plain.startsWith('voltsafe');
}

const MAX_FILTER_CHARS = 200;
const MAX_LEVELS = 16;
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\uFFFD]/u;
const HUB_ROOT = 'voltsafe';

/** Why a filter may not be given to a user; null: it may. Whoever may speak below a wildcard at the top speaks as the hub. */
export function whyNotGranted(filter: string): string | null {
  const levels = filter.split('/');
  const [first = ''] = levels;
  if (filter === '' || FORBIDDEN.test(filter)) return 'expected a topic filter without control characters';
  if (filter.length > MAX_FILTER_CHARS || levels.length > MAX_LEVELS)
    return `expected at most ${MAX_FILTER_CHARS} characters and ${MAX_LEVELS} levels`;
  if (!isWellFormed(levels)) return '+ stands alone in its level, # alone in the last one';
  if (first === '+' || first === '#') return "a filter that begins with a wildcard reaches the hub's own topics";
  if (first.startsWith('$')) return "topics below $ are the broker's own";
  return first === HUB_ROOT ? `topics below ${HUB_ROOT}/ are the hub's own; a role gives what is needed of them` : null;
}

function isWellFormed(levels: readonly string[]): boolean {
  return levels.every((level, index) => {
    if (level === '+') return true;
    if (level === '#') return index === levels.length - 1;
    return !level.includes('+') && !level.includes('#');
  });
}

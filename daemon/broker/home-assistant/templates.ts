/**
 * What Home Assistant makes of the hub's state and load topics. A template that renders `None` makes an entity unknown.
 * Kept to what test/broker/jinja.ts evaluates, so that each is tested on real payloads.
 */

/** Home Assistant keeps no longer state: a longer one is dropped, and the old text would stay. */
const MAX_STATE_CHARS = 255;

export const STATE = {
  /** The standing order, which is what a person switched. */
  isOn: "{{ 'ON' if value_json.is_on else 'OFF' }}",
  /** Nobody knows what this relay is: a switch that is shown as on or off would say that we do. */
  availability: "{{ 'offline' if value_json.relay_state == 'unknown' else 'online' }}",
  powerW: '{{ value_json.power_w }}',
  energyWh: '{{ value_json.energy_wh }}',
  refusal: `{{ value_json.refusal.detail[:${MAX_STATE_CHARS}] if value_json.refusal else 'None' }}`,
  hasFault: "{{ 'ON' if value_json.fault else 'OFF' }}",
  /**
   * With the switch itself: its page snaps back at once only when something of the entity changed, and else after two
   * seconds. The time in `refusal` changes with every refusal.
   */
  switchAttributes:
    "{{ {'relay_state': value_json.relay_state, 'fault': value_json.fault, 'refusal': value_json.refusal} | tojson }}",
  /** The whole text, however long. Attributes must be an object, also when there is none. */
  refusalAttributes: '{{ (value_json.refusal or {}) | tojson }}',
  faultAttributes: "{{ {'fault': value_json.fault, 'relay_state': value_json.relay_state} | tojson }}",
} as const;

export const LOAD = {
  reservedW: '{{ value_json.reserved_w }}',
  measuredW: '{{ value_json.measured_w }}',
  headroomW: '{{ value_json.headroom_w }}',
  status: '{{ value_json.status }}',
  isOver: "{{ 'ON' if value_json.status == 'over_limit' else 'OFF' }}",
} as const;

/** By its id, not its place: circuits may change their order with the configuration. */
export function circuitValue(circuitId: string, field: 'reserved_w' | 'headroom_w'): string {
  const found = `value_json.circuits | selectattr('id', 'eq', '${circuitId}') | map(attribute='${field}') | first`;
  return `{{ ${found} | default('None') }}`;
}

/**
 * What Home Assistant (core 2025) takes in MQTT discovery, as its documentation and its schemas say: keys with their
 * short forms, device classes with their units and state classes. The tests hold our payloads against it.
 */

/** Short form -> key; what is missing here is written out. */
export const SHORT: Readonly<Record<string, string>> = {
  ...{ avty: 'availability', avty_mode: 'availability_mode', avty_t: 'availability_topic' },
  ...{ avty_tpl: 'availability_template', cmd_t: 'command_topic', cmd_tpl: 'command_template' },
  ...{ cmps: 'components', def_ent_id: 'default_entity_id', dev: 'device', dev_cla: 'device_class', e: 'encoding' },
  ...{ en: 'enabled_by_default', ent_cat: 'entity_category', ent_pic: 'entity_picture', exp_aft: 'expire_after' },
  ...{ frc_upd: 'force_update', ic: 'icon', json_attr_t: 'json_attributes_topic' },
  ...{ json_attr_tpl: 'json_attributes_template', lrst_val_tpl: 'last_reset_value_template', o: 'origin' },
  ...{ off_dly: 'off_delay', ops: 'options', opt: 'optimistic', p: 'platform', pl_avail: 'payload_available' },
  ...{ pl_not_avail: 'payload_not_available', pl_off: 'payload_off', pl_on: 'payload_on', ret: 'retain' },
  ...{ stat_cla: 'state_class', stat_off: 'state_off', stat_on: 'state_on', stat_t: 'state_topic' },
  ...{ sug_dsp_prc: 'suggested_display_precision', t: 'topic', uniq_id: 'unique_id' },
  ...{ unit_of_meas: 'unit_of_measurement', val_tpl: 'value_template' },
};

export const SHORT_DEVICE: Readonly<Record<string, string>> = {
  ...{ cns: 'connections', cu: 'configuration_url', hw: 'hw_version', ids: 'identifiers', mdl: 'model' },
  ...{ mdl_id: 'model_id', mf: 'manufacturer', sa: 'suggested_area', sn: 'serial_number', sw: 'sw_version' },
};

export const SHORT_ORIGIN: Readonly<Record<string, string>> = { sw: 'sw_version', url: 'support_url' };

const AVAILABILITY = [
  ...['availability', 'availability_mode', 'availability_template', 'availability_topic'],
  ...['payload_available', 'payload_not_available'],
];

/** At the top of a device's payload; what is shared counts for each component that does not say it itself. */
export const DEVICE_KEYS = [
  ...AVAILABILITY,
  ...['device', 'components', 'origin', 'state_topic', 'command_topic', 'qos', 'encoding'],
];
export const SHARED_KEYS = [...AVAILABILITY, 'state_topic', 'command_topic'];

const COMMON = [
  ...AVAILABILITY,
  ...['platform', 'name', 'unique_id', 'default_entity_id', 'enabled_by_default', 'entity_category', 'entity_picture'],
  ...['icon', 'json_attributes_topic', 'json_attributes_template', 'qos', 'encoding', 'state_topic', 'value_template'],
  'device_class',
];

export const PLATFORMS: Readonly<Record<string, { keys: readonly string[]; required: readonly string[] }>> = {
  sensor: {
    keys: [
      ...[...COMMON, 'expire_after', 'force_update', 'last_reset_value_template', 'options', 'state_class'],
      ...['suggested_display_precision', 'unit_of_measurement'],
    ],
    required: ['state_topic'],
  },
  binary_sensor: {
    keys: [...COMMON, 'expire_after', 'force_update', 'off_delay', 'payload_off', 'payload_on'],
    required: ['state_topic'],
  },
  switch: {
    keys: [
      ...[...COMMON, 'command_topic', 'command_template', 'optimistic', 'payload_off', 'payload_on', 'retain'],
      ...['state_off', 'state_on'],
    ],
    required: ['command_topic'],
  },
};

export const DEVICE_INFO_KEYS = ['name', 'via_device', ...Object.values(SHORT_DEVICE)];
export const ORIGIN_KEYS = ['name', ...Object.values(SHORT_ORIGIN)];
export const AVAILABILITY_KEYS = ['topic', 'payload_available', 'payload_not_available', 'value_template'];
export const AVAILABILITY_MODES = ['all', 'any', 'latest'];

export const BINARY_SENSOR_CLASSES = words(
  'battery battery_charging carbon_monoxide cold connectivity door garage_door gas heat light lock moisture motion',
  'moving occupancy opening plug power presence problem running safety smoke sound tamper update vibration window',
);
export const SWITCH_CLASSES = words('outlet switch');

const NOW = words('measurement');
const COUNTED = words('total total_increasing');
const ANY = words('measurement measurement_angle total total_increasing');
const ENERGY = words('J kJ MJ GJ mWh Wh kWh MWh GWh TWh cal kcal Mcal Gcal');

interface SensorClass {
  /** Empty: it has none. */
  readonly units: readonly string[];
  /** Empty: it must have none. */
  readonly states: readonly string[];
}

/** Those that say anything about electricity or time, and some that a slip of the pen may hit. */
export const SENSOR_CLASSES: Readonly<Record<string, SensorClass>> = {
  apparent_power: { units: words('mVA VA kVA'), states: NOW },
  battery: { units: ['%'], states: NOW },
  current: { units: words('mA A'), states: NOW },
  data_size: { units: words('bit kbit Mbit Gbit B kB MB GB TB'), states: ANY },
  date: { units: [], states: [] },
  duration: { units: words('d h min s ms us'), states: ANY },
  energy: { units: ENERGY, states: COUNTED },
  energy_storage: { units: ENERGY, states: NOW },
  enum: { units: [], states: [] },
  frequency: { units: words('mHz Hz kHz MHz GHz'), states: NOW },
  power: { units: words('mW W kW MW GW TW BTU/h'), states: NOW },
  power_factor: { units: ['%', ''], states: NOW },
  reactive_energy: { units: words('varh kvarh'), states: COUNTED },
  reactive_power: { units: words('mvar var kvar'), states: NOW },
  signal_strength: { units: words('dB dBm'), states: NOW },
  temperature: { units: words('°C °F K'), states: NOW },
  timestamp: { units: [], states: [] },
  voltage: { units: words('µV mV V kV MV'), states: NOW },
};
export const STATE_CLASSES = ANY;

function words(...lines: string[]): readonly string[] {
  return lines.join(' ').split(' ');
}

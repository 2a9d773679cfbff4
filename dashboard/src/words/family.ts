const FAMILIES: Readonly<Record<string, string>> = {
  tasmota: 'Tasmota',
  'shelly-gen1': 'Shelly, first generation',
  'shelly-gen2': 'Shelly',
  zigbee2mqtt: 'Zigbee2MQTT',
  esphome: 'ESPHome',
  'generic-mqtt': 'MQTT',
};

/** What people call the family of a plug; the hub's own word where it is new. */
export function sayFamily(driver: string): string {
  return FAMILIES[driver] ?? driver;
}

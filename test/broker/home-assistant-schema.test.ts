import { describe, expect, it } from 'vitest';
import { appliancePayload, hubPayload } from '../../daemon/broker/home-assistant/payloads.ts';
import { HUB_FACTS, OVEN } from './home-assistant-facts.ts';
import { problemsOf } from './home-assistant-schema.ts';

const TOPIC = 'homeassistant/device/voltsafe_home_oven/config';
const GOOD = JSON.stringify(appliancePayload(HUB_FACTS, OVEN));

/** The schema is only worth something if it refuses what Home Assistant refuses. */
describe('the schema of discovery payloads', () => {
  it.each([
    ['an unknown key of a sensor', 'cmps.power.units', 'W', 'power: no key units'],
    ['a key of another platform', 'cmps.power.opt', false, 'power: no key optimistic'],
    ['an unknown key at the top', 'unique_id', 'x', 'payload: no key unique_id'],
    ['an unknown key of the device', 'dev.area', 'x', 'device: no key area'],
    ['an unknown key of the origin', 'o.vendor', 'x', 'origin: no key vendor'],
    ['an unknown key of availability', 'cmps.switch.avty.0.qos', 1, 'switch: availability: no key qos'],
    ['a wrong unit', 'cmps.power.unit_of_meas', 'Wh', 'power: no unit Wh for power'],
    ['a missing unit', 'cmps.energy.unit_of_meas', undefined, 'energy: no unit undefined for energy'],
    ['a unit in wrong letters', 'cmps.energy.unit_of_meas', 'KWh', 'energy: no unit KWh for energy'],
    ['a wrong device class', 'cmps.power.dev_cla', 'wattage', 'power: no device_class wattage'],
    ['a device class of sensors', 'cmps.fault.dev_cla', 'energy', 'fault: no device_class energy'],
    [
      'a state class that does not fit',
      'cmps.energy.stat_cla',
      'measurement',
      'energy: no state_class measurement for',
    ],
    ['no state class at all', 'cmps.power.stat_cla', 'momentary', 'power: no state_class momentary'],
    ['a missing unique_id', 'cmps.refusal.uniq_id', undefined, 'refusal: no unique_id'],
    ['a unique_id twice', 'cmps.refusal.uniq_id', 'voltsafe_home_oven_power', 'voltsafe_home_oven_power twice'],
    ['a missing platform', 'cmps.refusal.p', undefined, 'refusal: no platform undefined'],
    ['no command topic', 'cmps.switch.cmd_t', undefined, 'switch: no command_topic'],
    ['no state topic', 'stat_t', undefined, 'power: no state_topic'],
    ['a wildcard in a topic', 'cmps.switch.cmd_t', 'voltsafe/+/set', 'switch: command_topic is no topic'],
    ['no origin', 'o', undefined, 'origin: no name'],
    ['no identifiers', 'dev.ids', undefined, 'device: neither identifiers nor connections'],
    ['a category that sensors cannot have', 'cmps.refusal.ent_cat', 'config', 'refusal: no entity_category config'],
    ['two kinds of availability', 'avty_t', 'a/b', 'payload: availability and availability_topic exclude'],
    ['an availability mode that is none', 'cmps.switch.avty_mode', 'both', 'switch: no availability_mode both'],
    ['options without enum', 'cmps.refusal.ops', ['a'], 'refusal: options need device_class enum'],
    ['text for a flag', 'cmps.switch.ret', 'false', 'switch: retain is no boolean'],
    ['an address that is none', 'o.url', 'the internet', 'origin: support_url is no address'],
  ])('refuses %s', (_what, path, value, problem) => {
    expect(problemsOf(TOPIC, GOOD)).toEqual([]);
    expect(problemsOf(TOPIC, spoiled(GOOD, path, value)).join('\n')).toContain(problem);
  });

  it('refuses an enum with a unit, or without options', () => {
    const good = JSON.stringify(hubPayload(HUB_FACTS));
    expect(problemsOf(TOPIC, spoiled(good, 'cmps.status.unit_of_meas', 'W'))).not.toEqual([]);
    expect(problemsOf(TOPIC, spoiled(good, 'cmps.status.ops', undefined))).toEqual(['status: enum without options']);
  });

  it('refuses topics with other letters', () => {
    expect(problemsOf('homeassistant/device/voltsafe home/config', GOOD)).not.toEqual([]);
    expect(problemsOf('homeassistant/device/voltsafe/home/oven/config', GOOD)).not.toEqual([]);
  });

  it('takes keys written out just as well', () => {
    expect(problemsOf(TOPIC, GOOD.replace('"cmps"', '"components"').replace('"dev"', '"device"'))).toEqual([]);
  });
});

function spoiled(payload: string, path: string, value: unknown): string {
  const whole = JSON.parse(payload);
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  const place = steps.reduce((at, step) => at[step], whole);
  place[last] = value;
  return JSON.stringify(whole);
}

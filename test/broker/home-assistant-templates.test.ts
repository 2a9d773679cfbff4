import { describe, expect, it } from 'vitest';
import { appliancePayload, hubPayload } from '../../daemon/broker/home-assistant/payloads.ts';
import { HUB_FACTS, loadOf, OVEN, REFUSAL, stateOf } from './home-assistant-facts.ts';
import { type Entity, entitiesOf, type Fields } from './home-assistant-schema.ts';
import { compile, render } from './jinja.ts';

const entities = new Map(
  [hubPayload(HUB_FACTS), appliancePayload(HUB_FACTS, OVEN)]
    .flatMap((payload) => entitiesOf(JSON.stringify(payload)))
    .map((entity) => [entity.key, entity]),
);
const value = (key: string, payload: string) => render(templateOf(key, 'value_template'), payload);
const attributes = (key: string, payload: string) =>
  JSON.parse(render(templateOf(key, 'json_attributes_template'), payload));

describe('templates on states', () => {
  it('are written right, all of them', () => {
    const templates = [...entities.values()].flatMap(templatesOf);
    expect(templates.length).toBeGreaterThan(15);
    for (const template of templates) expect(() => compile(template), template).not.toThrow();
  });

  it('switch: what was ordered, in the words of the commands', () => {
    expect(value('switch', stateOf({ is_on: true }))).toBe(entities.get('switch')?.payload_on);
    expect(value('switch', stateOf({ is_on: false }))).toBe(entities.get('switch')?.payload_off);
  });

  it('switch: unavailable while nobody knows the relay, and only then', () => {
    const [, own] = (entities.get('switch')?.availability ?? []) as Fields[];
    const isAvailable = (payload: string) => render(String(own?.val_tpl), payload);
    expect(own?.t).toBe(entities.get('switch')?.state_topic);
    expect(isAvailable(stateOf({ relay_state: 'unknown', fault: 'unreachable' }))).toBe('offline');
    for (const relay_state of ['off', 'turning_on', 'on', 'turning_off'] as const)
      expect(isAvailable(stateOf({ relay_state, fault: 'stuck_on' }))).toBe('online');
  });

  it('power and energy: a number, or unknown', () => {
    expect(value('power', stateOf({ power_w: 2300.125 }))).toBe('2300.125');
    expect(value('power', stateOf({ power_w: null }))).toBe('None');
    expect(value('energy', stateOf({ energy_wh: 0 }))).toBe('0');
    expect(value('energy', stateOf({ energy_wh: null }))).toBe('None');
  });

  it('refusal: its text, cut to what a state may hold, and whole beside it', () => {
    expect(value('refusal', stateOf({ refusal: REFUSAL }))).toBe(REFUSAL.detail);
    expect(value('refusal', stateOf())).toBe('None');
    const long = stateOf({ refusal: { ...REFUSAL, detail: '\u{1f525}'.repeat(300) } });
    expect([...value('refusal', long)]).toHaveLength(255);
    expect(attributes('refusal', long).detail).toBe('\u{1f525}'.repeat(300));
  });

  it('attributes: always an object; anything else would be reported there again and again', () => {
    expect(attributes('refusal', stateOf())).toEqual({});
    expect(attributes('switch', stateOf())).toEqual({ relay_state: 'off', fault: null, refusal: null });
    expect(attributes('fault', stateOf({ fault: 'stuck_on' }))).toEqual({ fault: 'stuck_on', relay_state: 'off' });
  });

  it('a refusal changes something of the switch, each one anew: its page snaps back only then', () => {
    const seen = [null, REFUSAL, { ...REFUSAL, at: '2026-03-01T10:00:05.000Z' }].map((refusal) =>
      JSON.stringify(attributes('switch', stateOf({ refusal }))),
    );
    expect(new Set(seen).size).toBe(3);
  });

  it('fault: a problem that says which', () => {
    expect(value('fault', stateOf({ fault: 'unreachable' }))).toBe('ON');
    expect(value('fault', stateOf())).toBe('OFF');
  });
});

describe('templates on the load', () => {
  it('figures, unknown while the meter is silent', () => {
    expect(value('reserved', loadOf())).toBe('1200.5');
    expect(value('headroom', loadOf())).toBe('3799.5');
    expect(value('measured', loadOf())).toBe('-350.25');
    expect(value('measured', loadOf({ measured_w: null }))).toBe('None');
  });

  it('status: one of its options, and a problem when over', () => {
    const options = entities.get('status')?.options;
    for (const status of ['safe', 'near_limit', 'over_limit'] as const) {
      expect(options).toContain(value('status', loadOf({ status })));
      expect(value('overload', loadOf({ status }))).toBe(status === 'over_limit' ? 'ON' : 'OFF');
    }
  });

  it('circuits: by id, in any order; unknown when one is gone', () => {
    expect(value('circuit_kitchen_reserved', loadOf())).toBe('1200.5');
    expect(value('circuit_oven_2_headroom', loadOf())).toBe('3600');
    expect(value('circuit_kitchen_reserved', loadOf({ circuits: [] }))).toBe('None');
  });
});

describe('the evaluator', () => {
  it.each([
    ['an undefined name', '{{ value_json.watts }}'],
    ['a field of nothing', '{{ value_json.fault.code }}'],
    ['an object for a state', '{{ value_json }}'],
    ['a filter that it does not know', '{{ value_json.power_w | round }}'],
    ['an unfinished expression', "{{ 'ON' if value_json.is_on }}"],
    ['a quote left open', "{{ 'ON if value_json.is_on else 'OFF' }}"],
    ['no braces', 'value_json.is_on'],
  ])('throws at %s', (_what, template) => {
    expect(() => render(template, stateOf())).toThrow();
  });
});

function templatesOf(entity: Entity): string[] {
  const own = Object.entries(entity).flatMap(([name, text]) => (name.endsWith('_template') ? [String(text)] : []));
  const entries = (entity.availability ?? []) as Fields[];
  return [...own, ...entries.flatMap(({ val_tpl }) => (val_tpl === undefined ? [] : [String(val_tpl)]))];
}

function templateOf(key: string, name: string): string {
  return String(entities.get(key)?.[name]);
}

import {
  AVAILABILITY_KEYS,
  AVAILABILITY_MODES,
  BINARY_SENSOR_CLASSES,
  DEVICE_INFO_KEYS,
  DEVICE_KEYS,
  ORIGIN_KEYS,
  PLATFORMS,
  SENSOR_CLASSES,
  SHARED_KEYS,
  SHORT,
  SHORT_DEVICE,
  SHORT_ORIGIN,
  STATE_CLASSES,
  SWITCH_CLASSES,
} from './home-assistant-words.ts';

export type Fields = Readonly<Record<string, unknown>>;
/** A component as Home Assistant sees it: keys written out, what the device shares filled in. */
export type Entity = { readonly key: string } & Fields;

const TOPIC = /^[^/]+\/device\/(?:[a-zA-Z0-9_-]+\/)?[a-zA-Z0-9_-]+\/config$/;

/** What Home Assistant would refuse, or drop without a word; empty: nothing. */
export function problemsOf(topic: string, payload: string): string[] {
  const problems = TOPIC.test(topic) ? [] : [`${topic} is no discovery topic of a device`];
  const said = spelledOut(fieldsOf(JSON.parse(payload)), SHORT);
  problems.push(...unknownKeys('payload', said, DEVICE_KEYS), ...deviceProblems(said), ...originProblems(said));
  problems.push(...availabilityProblems('payload', said));
  const components = Object.entries(fieldsOf(said.components));
  if (components.length === 0) problems.push('no components');
  for (const [key, value] of components) problems.push(...componentProblems(said, key, fieldsOf(value)));
  return [...problems, ...twins(entitiesOf(payload))];
}

/** Those that are announced; a component with nothing but its platform takes one back. */
export function entitiesOf(payload: string): Entity[] {
  const said = spelledOut(fieldsOf(JSON.parse(payload)), SHORT);
  return Object.entries(fieldsOf(said.components)).flatMap(([key, value]) => {
    const component = spelledOut(fieldsOf(value), SHORT);
    return isTakenBack(component) ? [] : [{ ...shared(said), ...component, key }];
  });
}

export function spelledOut(fields: Fields, short: Readonly<Record<string, string>>): Fields {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [short[key] ?? key, value]));
}

function shared(said: Fields): Fields {
  return Object.fromEntries(Object.entries(said).filter(([key]) => SHARED_KEYS.includes(key)));
}

function isTakenBack(component: Fields): boolean {
  return Object.keys(component).join() === 'platform';
}

function deviceProblems(said: Fields): string[] {
  const device = spelledOut(fieldsOf(said.device), SHORT_DEVICE);
  const isKnown = listOf(device.identifiers).length > 0 || listOf(device.connections).length > 0;
  const texts = Object.entries(device).filter(([key]) => key !== 'identifiers' && key !== 'connections');
  return [
    ...unknownKeys('device', device, DEVICE_INFO_KEYS),
    ...(isKnown ? [] : ['device: neither identifiers nor connections']),
    ...texts.filter(([, value]) => typeof value !== 'string').map(([key]) => `device: ${key} is no text`),
    ...urlProblems('device: configuration_url', device.configuration_url),
  ];
}

function originProblems(said: Fields): string[] {
  const origin = spelledOut(fieldsOf(said.origin), SHORT_ORIGIN);
  return [
    ...unknownKeys('origin', origin, ORIGIN_KEYS),
    ...(typeof origin.name === 'string' ? [] : ['origin: no name']),
    ...urlProblems('origin: support_url', origin.support_url),
  ];
}

function urlProblems(what: string, url: unknown): string[] {
  return url === undefined || /^https?:\/\/\S+$/.test(String(url)) ? [] : [`${what} is no address`];
}

function availabilityProblems(where: string, fields: Fields): string[] {
  if (fields.availability !== undefined && fields.availability_topic !== undefined)
    return [`${where}: availability and availability_topic exclude each other`];
  const mode = fields.availability_mode;
  const entries = listOf(fields.availability).map((entry) => spelledOut(fieldsOf(entry), SHORT));
  return [
    ...(mode === undefined || AVAILABILITY_MODES.includes(String(mode))
      ? []
      : [`${where}: no availability_mode ${mode}`]),
    ...entries.flatMap((entry) => [
      ...unknownKeys(`${where}: availability`, entry, AVAILABILITY_KEYS),
      ...topicProblems(`${where}: availability`, entry, true),
    ]),
  ];
}

function componentProblems(said: Fields, key: string, value: Fields): string[] {
  const component = spelledOut(value, SHORT);
  const platform = PLATFORMS[String(component.platform)];
  if (platform === undefined) return [`${key}: no platform ${component.platform}`];
  if (isTakenBack(component)) return [];
  const whole = { ...shared(said), ...component };
  const missing = platform.required.filter((required) => !(required in whole));
  return [
    ...(typeof component.unique_id === 'string' ? [] : [`${key}: no unique_id`]),
    ...unknownKeys(key, component, platform.keys),
    ...missing.map((required) => `${key}: no ${required}`),
    ...availabilityProblems(key, component),
    ...topicProblems(key, whole, false),
    ...categoryProblems(key, component),
    ...classProblems(key, component),
    ...typeProblems(key, component),
  ];
}

function categoryProblems(key: string, { platform, entity_category }: Fields): string[] {
  if (entity_category === undefined || entity_category === 'diagnostic') return [];
  return entity_category === 'config' && platform === 'switch' ? [] : [`${key}: no entity_category ${entity_category}`];
}

function classProblems(key: string, component: Fields): string[] {
  const { platform, device_class: name } = component;
  if (platform === 'sensor') return sensorProblems(key, component);
  const classes = platform === 'switch' ? SWITCH_CLASSES : BINARY_SENSOR_CLASSES;
  return name === undefined || classes.includes(String(name)) ? [] : [`${key}: no device_class ${name}`];
}

function sensorProblems(key: string, component: Fields): string[] {
  const { device_class: name, state_class: state, unit_of_measurement: unit, options } = component;
  const known = name === undefined ? null : SENSOR_CLASSES[String(name)];
  const problems = optionProblems(key, component);
  if (known === undefined) problems.push(`${key}: no device_class ${name}`);
  if (state !== undefined && !STATE_CLASSES.includes(String(state))) problems.push(`${key}: no state_class ${state}`);
  if (known && state !== undefined && !known.states.includes(String(state)))
    problems.push(`${key}: no state_class ${state} for ${name}`);
  if (known && !known.units.includes(String(unit ?? '')) && (unit !== undefined || known.units.length > 0))
    problems.push(`${key}: no unit ${unit} for ${name}`);
  if (name === 'enum' && options === undefined) problems.push(`${key}: enum without options`);
  return problems;
}

function optionProblems(key: string, { options, device_class, state_class, unit_of_measurement }: Fields): string[] {
  if (options === undefined) return [];
  const isAlone = device_class === 'enum' && state_class === undefined && unit_of_measurement === undefined;
  const problems = listOf(options).length === 0 ? [`${key}: no options`] : [];
  return isAlone ? problems : [...problems, `${key}: options need device_class enum, and neither unit nor state_class`];
}

function typeProblems(key: string, component: Fields): string[] {
  const flags = ['retain', 'optimistic', 'enabled_by_default', 'force_update'];
  const wrong = flags.filter((flag) => component[flag] !== undefined && typeof component[flag] !== 'boolean');
  const isQos = component.qos === undefined || [0, 1, 2].includes(Number(component.qos));
  const isNamed = component.name === undefined || component.name === null || typeof component.name === 'string';
  return [
    ...wrong.map((flag) => `${key}: ${flag} is no boolean`),
    ...(isQos ? [] : [`${key}: no qos ${component.qos}`]),
    ...(isNamed ? [] : [`${key}: name is no text`]),
  ];
}

function topicProblems(where: string, fields: Fields, isNeeded: boolean): string[] {
  const topics = Object.entries(fields).filter(([key]) => key === 'topic' || key.endsWith('_topic'));
  const wrong = topics.filter(([, topic]) => typeof topic !== 'string' || !/^[^+#\p{Cc}]{1,1024}$/u.test(topic));
  return [
    ...(isNeeded && fields.topic === undefined ? [`${where}: no topic`] : []),
    ...wrong.map(([key, topic]) => `${where}: ${key} is no topic: ${topic}`),
  ];
}

function unknownKeys(where: string, fields: Fields, known: readonly string[]): string[] {
  return Object.keys(fields).flatMap((key) => (known.includes(key) ? [] : [`${where}: no key ${key}`]));
}

function twins(entities: readonly Entity[]): string[] {
  const ids = entities.map((entity) => String(entity.unique_id));
  return ids.filter((id, index) => ids.indexOf(id) < index).map((id) => `unique_id ${id} twice`);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

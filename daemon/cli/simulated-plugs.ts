import type { PlugSettings, PowerOn } from '../../relay-drivers/simulator/plug.ts';
import { PLUG_FAMILIES, type PlugFamilyName } from '../../relay-drivers/simulator/plug-flavours.ts';
import { isMqttName } from '../core/mqtt-names.ts';
import { oneOf, toWhole } from './arg-values.ts';
import type { Args } from './args.ts';
import { usageError } from './errors.ts';

/** The words of `voltsafe simulate` that say which plugs there are, and how they reach their broker. */
export const PLUG_WORDS = {
  more:
    '[--plug FAMILY:NAME[:CHANNELS[:WATTS,...]] ...] [--broker mqtt://host:port | --broker -] [--user U] ' +
    '[--password-file F] [--ca-file F] [--power-on off|on|last]',
  values: ['broker', 'user', 'password-file', 'ca-file', 'power-on'],
  lists: ['plug'],
} as const;

export interface NamedPlug extends PlugSettings {
  readonly family: PlugFamilyName;
}

const FAMILY_NAMES = Object.keys(PLUG_FAMILIES) as PlugFamilyName[];
const POWER_ON: readonly PowerOn[] = ['off', 'on', 'last'];
const MAX_W = 1_000_000;
const MAX_PLUGS = 2000;

/** `--plug tasmota:kettle:1:2000`: one entry each. */
export function plugsOf(args: Args): NamedPlug[] {
  const powerOn = oneOf(args, 'power-on', POWER_ON) ?? 'last';
  const plugs = args.list('plug').map((text) => ({ ...plugOf(text), powerOn }));
  if (plugs.length > MAX_PLUGS) throw usageError(`--plug: at most ${MAX_PLUGS} in one process`);
  const idle = PLUG_WORDS.values.find((name) => plugs.length === 0 && args.value(name) !== undefined);
  if (idle !== undefined) throw usageError(`--${idle} is about plugs, and there is no --plug`);
  const names = plugs.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw usageError(`--plug: two are named ${twice}; the name is in their topics`);
  return plugs;
}

function plugOf(text: string): NamedPlug {
  const [familyName, name = '', count = '1', loads, extra] = text.split(':');
  const family = FAMILY_NAMES.find((one) => one === familyName);
  if (family === undefined || extra !== undefined)
    throw usageError(`--plug takes FAMILY:NAME[:CHANNELS[:WATTS,...]], the family one of ${FAMILY_NAMES.join(', ')}`);
  if (!isMqttName(name)) throw usageError(`--plug: a name has 1 to 64 of A-Z a-z 0-9 _ . -, not "${name}"`);
  const { twin, maxChannels } = PLUG_FAMILIES[family];
  const channels = toWhole(count, 'plug (channels)', 1, maxChannels);
  const loadsW = (loads?.split(',') ?? []).map((watts) => toWhole(watts, 'plug (watts)', 0, MAX_W));
  if (loadsW.length > channels) throw usageError(`--plug ${text}: it names more watts than channels`);
  return { family, name, flavour: twin, channels, loadsW };
}

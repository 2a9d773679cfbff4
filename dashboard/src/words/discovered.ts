import type { Adoptable } from '../state/discovered.ts';
import type { DiscoveredView } from '../wire.ts';
import { sayFamily } from './family.ts';
import type { Failure } from './refusal.ts';

/** `Tasmota, Plug S`: what it says it is. */
export function sayKind({ driver, model }: Pick<DiscoveredView, 'driver' | 'model'>): string {
  const family = sayFamily(driver);
  return model === null ? family : `${family}, ${model}`;
}

/** `2 relays, 1 of them in use. Measures power.` */
export function sayRelays({ device, free }: Adoptable): string {
  const { length } = device.channels;
  const used = length - free.length;
  const relays = `${length === 1 ? 'One relay' : `${length} relays`}${used > 0 ? `, ${used} of them in use` : ''}`;
  return `${relays}. ${device.measures_power ? 'Measures power.' : 'Does not measure power.'}`;
}

/** `Relay 2: Screen`. */
export function sayChannel({ channel, name }: DiscoveredView['channels'][number]): string {
  return name === null ? `Relay ${channel}` : `Relay ${channel}: ${name}`;
}

/** What the appliance is called until somebody says otherwise: as the device itself calls it. */
export function suggestName({ name, channels }: DiscoveredView, channel: number): string {
  const own = channels.find((one) => one.channel === channel)?.name ?? null;
  if (own !== null) return own;
  return channels.length > 1 ? `${name} ${channel}` : name;
}

/** The fields of the form. */
export type Field = 'name' | 'room' | 'wattage' | 'circuit' | 'channel';

export interface AdoptFailure {
  readonly fields: Readonly<Partial<Record<Field, string>>>;
  /** What belongs to no field; null when each has its own. */
  readonly rest: string | null;
}

const LABELS: Readonly<Record<Field, string>> = {
  name: 'The name',
  room: 'The room',
  wattage: 'The power',
  circuit: 'The circuit',
  channel: 'The relay',
};

const NO_WATTS = 'Say how many watts it draws at most. It stands on the appliance or in its manual.';

/** What can be said without asking the hub; null when nothing is missing. */
export function checkAdoption({ wattage }: { readonly wattage: string }): AdoptFailure | null {
  return wattage.trim() === '' ? { fields: { wattage: NO_WATTS }, rest: null } : null;
}

/** The hub takes a decimal point only: a comma would be read as thousands here and as tenths there. */
const BAD_WATTS = 'The power must be from 0.001 to 1000000 W with at most three decimals, like 1500 or 59.5.';

/** Why it did not become an appliance. */
export function sayAdoptFailure(failure: Failure): AdoptFailure {
  if (failure.kind === 'network')
    return alone(
      'The hub did not answer, so it may have been added or not. Look among the appliances before you try again.',
    );
  const { problem, retryAfterS } = failure;
  switch (problem.code) {
    case 'invalid_request':
      return inFields(problem.errors ?? [], problem.detail);
    case 'not_found':
      return alone('It is not found any more. Check its power and its network; it comes back by itself.');
    case 'forbidden':
      return alone('Only an administrator can add it.');
    case 'ledger_unavailable':
      return alone(`The hub cannot write to its disk, so nothing was added.${again(retryAfterS)}`);
    default:
      return alone(`${problem.detail ?? problem.title ?? `The hub answered with code ${problem.code}.`}`);
  }
}

function again(retryAfterS: number | null): string {
  return retryAfterS === null ? '' : ` Try again in ${retryAfterS} s.`;
}

function alone(rest: string): AdoptFailure {
  return { fields: {}, rest };
}

function inFields(
  errors: readonly { readonly path: string; readonly message: string }[],
  detail?: string,
): AdoptFailure {
  const own = errors.filter(({ path }) => path in LABELS);
  const others = errors.filter(({ path }) => !(path in LABELS)).map(({ message }) => message);
  const fields = Object.fromEntries(own.map(({ path, message }) => [path, sayField(path as Field, message)]));
  const rest =
    others.length > 0 ? others.join(' ') : own.length === 0 ? (detail ?? 'The hub did not accept it.') : null;
  return { fields, rest };
}

function sayField(field: Field, message: string): string {
  return field === 'wattage' ? BAD_WATTS : `${LABELS[field]} ${message}.`;
}

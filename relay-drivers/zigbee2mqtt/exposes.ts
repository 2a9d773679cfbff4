import { field, type Json, listIn, stringIn } from '../plugs/words/json.ts';

/** What of a device's `definition.exposes` concerns us. */
export interface Exposed {
  /** One entry per relay. Of a device with one unnamed relay the endpoint is null. */
  readonly relays: readonly { readonly endpoint: string | null }[];
  /** Each relay has its own power. */
  readonly measuresPower: boolean;
  /** And that can be asked for. */
  readonly canAskPower: boolean;
}

/** Bits of `access`: it is in the published state, it can be set, it can be asked for. */
const PUBLISHED = 1;
const SETTABLE = 2;
const ASKABLE = 4;

export function exposedIn(exposes: Json | undefined): Exposed {
  const all = listIn(exposes) ?? [];
  const properties = all.flatMap(relayPropertyIn);
  const relays = properties.map((property) => ({
    endpoint: property === 'state' ? null : property.slice('state_'.length),
  }));
  const powers = properties.map((property) => powerAccess(all, property.replace(/^state/, 'power')));
  return {
    relays,
    measuresPower: relays.length > 0 && powers.every((access) => (access & PUBLISHED) !== 0),
    canAskPower: relays.length > 0 && powers.every((access) => (access & ASKABLE) !== 0),
  };
}

/** A `switch` whose feature is `state` or `state_l1`; a child lock of older definitions is one too, with another property. */
function relayPropertyIn(expose: Json): string[] {
  if (field(expose, 'type') !== 'switch') return [];
  return (listIn(field(expose, 'features')) ?? []).flatMap((feature) => {
    const property = stringIn(field(feature, 'property')) ?? '';
    const isRelay = /^state(_[a-z0-9_]{1,32})?$/i.test(property) && field(feature, 'value_on') === 'ON';
    return isRelay && (accessIn(feature) & SETTABLE) !== 0 ? [property] : [];
  });
}

function powerAccess(all: readonly Json[], property: string): number {
  return accessIn(all.find((expose) => field(expose, 'type') === 'numeric' && field(expose, 'property') === property));
}

function accessIn(expose: Json | undefined): number {
  const access = field(expose, 'access');
  return typeof access === 'number' ? access : 0;
}

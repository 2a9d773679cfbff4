import { MAX_PAYLOAD_BYTES } from './limits.ts';
import { topicsOf } from './names.ts';
import type { Component, DiscoveryPayload, Platform } from './payloads.ts';

/** What an earlier run announced, heard back from the broker. Somebody else may have written it. */
export interface Former {
  /** The entities that it announced; those it took back are left out. */
  readonly entities: ReadonlyMap<string, Platform>;
}

const PLATFORMS: readonly string[] = ['sensor', 'binary_sensor', 'switch'] satisfies Platform[];
/** 200 circuits, two each, and those of the house. */
const MAX_ENTITIES = 500;
const KEY = /^[a-z0-9_-]{1,90}$/i;

/** Null: it is not ours. Two hubs on one broker may have ids of which one begins like the other; topics tell them apart. */
export function formerOf(hubId: string, payload: Uint8Array): Former | null {
  if (payload.length === 0 || payload.length > MAX_PAYLOAD_BYTES) return null;
  const said = fields(parse(payload));
  const first = Array.isArray(said.avty) ? fields(said.avty[0]) : {};
  if (first.t !== topicsOf(hubId).status) return null;
  const entities = Object.entries(fields(said.cmps)).flatMap(([key, value]) => {
    const platform = KEY.test(key) ? announced(value) : null;
    return platform === null ? [] : [[key, platform] as const];
  });
  return { entities: new Map(entities.slice(0, MAX_ENTITIES)) };
}

/** With what the former payload announced and this one does not: taken back, once. */
export function takingBack(payload: DiscoveryPayload, former: Former | null): DiscoveryPayload {
  const gone = [...(former?.entities ?? [])].filter(([key]) => !(key in payload.cmps));
  const pairs = gone.map(([key, p]): [string, Component] => [key, { p }]);
  return { ...payload, cmps: { ...payload.cmps, ...Object.fromEntries(pairs) } };
}

function announced(component: unknown): Platform | null {
  const { p, ...rest } = fields(component);
  const isOne = typeof p === 'string' && PLATFORMS.includes(p) && Object.keys(rest).length > 0;
  return isOne ? (p as Platform) : null;
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return null;
  }
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

import { textIn } from './text.ts';

/** What a payload in JSON may be; nothing of it is believed before it was looked at. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** A Tasmota with 28 relays and many sensors tells of itself in under 4 kB; a family that needs more says how much. */
const MAX_BYTES = 64 * 1024;

/** Undefined: no JSON, no UTF-8, or longer than `maxBytes`. Never throws, however deep it is nested. */
export function parseJson(payload: Uint8Array, maxBytes: number = MAX_BYTES): Json | undefined {
  const text = textIn(payload, maxBytes);
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

export function parseObject(payload: Uint8Array, maxBytes: number = MAX_BYTES): JsonObject | null {
  return objectIn(parseJson(payload, maxBytes));
}

/** A field that the object itself has: `constructor` and `__proto__` of a payload are fields like any other. */
export function field(value: Json | undefined, name: string): Json | undefined {
  const object = objectIn(value);
  return object && Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The fields `names`, one below the other; in a list, a number counts its entries from 0. */
export function at(value: Json | undefined, ...names: readonly string[]): Json | undefined {
  return names.reduce<Json | undefined>((part, name) => {
    const list = listIn(part);
    if (list) return /^\d{1,4}$/.test(name) ? list[Number(name)] : undefined;
    return field(part, name);
  }, value);
}

export function objectIn(value: Json | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !isList(value) ? value : null;
}

export function listIn(value: Json | undefined): readonly Json[] | null {
  return value !== undefined && isList(value) ? value : null;
}

export function stringIn(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

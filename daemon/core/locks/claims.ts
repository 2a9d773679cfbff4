import type { Claim } from './model.ts';

/** More than any appliance has locks above it. */
const CLAIMS_AT_MOST = 32;
const RESOURCE_CHARS = 200;
const TOKEN = /^[1-9]\d{0,14}$/;

export const CLAIMS_RULE = 'must be a fencing token, or a list "resource=token, ..." of names that are URL-encoded';

/** Fencing tokens as requests show them: `7`, or `appliance:lamp=7, circuit:kitchen=3`. Null: it is neither. */
export function readClaims(text: string): Claim[] | null {
  const said = text.trim();
  if (TOKEN.test(said)) return [{ resource: null, token: Number(said) }];
  const parts = said.split(',', CLAIMS_AT_MOST + 1);
  const claims = parts.map(readNamed);
  const isReadable = parts.length <= CLAIMS_AT_MOST && claims.every((claim) => claim !== null);
  return isReadable ? claims : null;
}

function readNamed(part: string): Claim | null {
  const [name = '', token = '', ...more] = part.split('=').map((word) => word.trim());
  const resource = decode(name);
  const isNamed = resource !== '' && resource.length <= RESOURCE_CHARS;
  return isNamed && TOKEN.test(token) && more.length === 0 ? { resource, token: Number(token) } : null;
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return '';
  }
}

/**
 * A fresh idempotency key. `crypto.randomUUID` exists on secure origins only, and a home's hub is plain http;
 * `getRandomValues` exists everywhere.
 */
export function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

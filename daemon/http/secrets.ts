import { hash, randomBytes } from 'node:crypto';

/** 256 random bits with a prefix that leak scanners and people recognise. Shown once, never kept. */
export function newSecret(): string {
  return `vs_${randomBytes(32).toString('base64url')}`;
}

/** What is kept of a secret. Found by looking the hash up, so that comparing leaks nothing about the secret. */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** Short enough to read aloud, and no secret. */
export function newTokenId(): string {
  return randomBytes(6).toString('hex');
}

/** Never the same again, also not after a restart: waits stand in the ledger. */
export function newWaitId(): string {
  return `wait-${randomBytes(12).toString('base64url')}`;
}

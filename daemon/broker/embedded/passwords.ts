import { hash, timingSafeEqual } from 'node:crypto';
import type { MqttUser } from '../../core/model.ts';

/** What is compared with when there is no such user: the answer takes as long, and is as short. */
const NOBODY = hash('sha256', 'nobody has this', 'hex');

/**
 * A fast hash is right here: passwords are made by the hub, of 160 random bits, so there is nothing to guess that a slow
 * hash would protect; and a thousand plugs that come back at once must not keep a Pi busy for minutes.
 */
export function isPasswordOf(user: MqttUser | null, password: Uint8Array): boolean {
  const given = hash('sha256', password, 'buffer');
  const kept = Buffer.from(user?.secretHash ?? NOBODY, 'hex');
  return kept.length === given.length && timingSafeEqual(kept, given) && user !== null;
}

import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../relay-drivers/clock.ts';
import { HTTP_LIMITS } from './limits.ts';
import { hashSecret, newSecret } from './secrets.ts';

interface Issued {
  readonly hash: string;
  readonly atMs: number;
}

/**
 * The secret of the one-time link that opens the panel with an admin's session. It works once and for 30 minutes;
 * issuing a new one ends the one before.
 */
export class OneTimeLink {
  readonly #clock: Clock;
  #issued: Issued | null = null;
  #taken: Issued | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(): string {
    const secret = newSecret();
    this.#issued = { hash: hashSecret(secret), atMs: this.#clock.nowMs() };
    this.#taken = null;
    return secret;
  }

  /** The link a person opens. The secret is in the fragment: browsers send that to no server and no log. */
  issueUrl(hubUrl: string): string {
    return `${hubUrl}/#setup=${this.issue()}`;
  }

  take(secret: string): boolean {
    if (!this.#matches(secret)) return false;
    this.#taken = this.#issued;
    this.#issued = null;
    return true;
  }

  /** The session could not be recorded: the link works once more, unless another was issued meanwhile. */
  giveBack(): void {
    this.#issued ??= this.#taken;
    this.#taken = null;
  }

  #matches(secret: string): boolean {
    if (this.#issued === null || this.#clock.nowMs() - this.#issued.atMs >= HTTP_LIMITS.linkMs) return false;
    return timingSafeEqual(Buffer.from(hashSecret(secret)), Buffer.from(this.#issued.hash));
  }
}

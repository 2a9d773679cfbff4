/**
 * The contract between the hub and a family of relay boards.
 *
 * A driver knows bytes and nothing of watts, orders or retries: each call is ONE exchange on the line. The relay
 * supervisor (daemon/relays) decides what to send, repeats it while it is valid, and reads it back.
 */

/** What an exchange waits behind on a shared line: OFF overtakes ON, both overtake reading relays, and meters come last. */
export type Priority = 'off' | 'on' | 'read' | 'meter';

/** The terms under which one exchange may leave. */
export interface Terms {
  readonly priority: Priority;
  /** Asked synchronously when the bytes are about to leave; false means that nothing is sent (`not_valid`). */
  stillValid(): boolean;
  /** Called synchronously just before the first byte leaves, so that a reading can be told from older orders. */
  started?(): void;
}

/** `acknowledged`: the board repeated or confirmed exactly this write. `sent`: the family never answers a write. */
export type Proof = 'acknowledged' | 'sent';

/** Channels count from 1, as printed on the boards. */
export interface RelayDriver {
  readonly channels: number;
  /** One coil. Resolves when the board acknowledged it or, where the family never answers, when the bytes have left. */
  setCoil(channel: number, isOn: boolean, terms: Terms): Promise<Proof>;
  /**
   * Every coil of the board off in one exchange, where the family can. The acknowledgement carries no values:
   * the caller reads back before it believes it.
   */
  readonly allOff?: (terms: Terms) => Promise<void>;
  /** The output register (not the contacts): index 0 is channel 1. `no_read_back` where this board cannot be asked. */
  readCoils(terms: Terms): Promise<boolean[]>;
  /** The board's inputs, where it has them: index 0 is input 1. */
  readonly readInputs?: (terms: Terms) => Promise<boolean[]>;
  /**
   * Makes the board as its settings want it, where it may forget that with its power. Several exchanges, at least one;
   * asked whenever the board may have been without power, and again after a failure that is not an `exception`.
   */
  readonly prepare?: (terms: Terms) => Promise<void>;
  /**
   * For what tells by itself what its relays are. Called when the word comes in, and only for what was told live. What
   * answers an exchange under way is told, too. Then `readCoils` need not be asked often.
   */
  readonly onReport?: (listener: (channel: number, isOn: boolean) => void) => void;
  /** How often it is worth asking, and how often while it is lost; as often as any board when absent. */
  readonly pace?: { readonly pollMs: number; readonly lostPollMs: number };
  /** This ON was given up: what may still be under way to it must not arrive (S11). */
  readonly abandon?: (channel: number) => void;
}

export type DriverErrorCode =
  | 'not_valid' //     stillValid() said no; nothing was sent
  | 'port_closed' //   no open port; nothing was sent, nothing is kept for later (S11)
  | 'timeout' //       sent, no valid reply in time; the board may have obeyed
  | 'exception' //     the board refused (a Modbus exception)
  | 'no_read_back' //  nothing was sent: this board was asked before and has no way to tell the state of its relays
  | 'write_failed'; // the port broke while sending

const ADVICE: Record<DriverErrorCode, string> = {
  not_valid: 'the order was superseded or its deadline passed',
  port_closed: 'check the cable, the adapter and the path in the configuration',
  timeout: 'check power, wiring (A/B), unit address and baud rate of the board',
  exception: 'check the number of channels in the configuration',
  no_read_back: 'its relays are assumed to be as they were last told; see off_without_proof in the configuration',
  write_failed: 'check the adapter and its cable',
};

const NOTHING = new Uint8Array(0);

/** The only error a driver throws. */
export class DriverError extends Error {
  readonly code: DriverErrorCode;
  readonly advice: string;
  /** Bytes that came and were no reply, at most the last 1024: silence, noise and a collision differ there. */
  readonly heard: Uint8Array;
  /** What was sent, where the line sent something. */
  readonly asked: Uint8Array;
  constructor(
    code: DriverErrorCode,
    what: string,
    heard: Uint8Array = NOTHING,
    asked: Uint8Array = NOTHING,
    advice: string = ADVICE[code],
  ) {
    super(what);
    this.name = 'DriverError';
    this.code = code;
    this.advice = advice;
    this.heard = heard;
    this.asked = asked;
  }
}

/**
 * The contract between the hub and a family of relay boards.
 *
 * A driver knows bytes and nothing of watts, orders or retries: each call is ONE exchange on the line. The relay
 * supervisor (daemon/relays) decides what to send, repeats it while it is valid, and reads it back.
 */

/** What an exchange waits behind on a shared line: OFF overtakes ON, and both overtake reading. */
export type Priority = 'off' | 'on' | 'read';

/** The terms under which one exchange may leave. */
export interface Terms {
  readonly priority: Priority;
  /** Asked synchronously when the bytes are about to leave; false means that nothing is sent (`not_valid`). */
  stillValid(): boolean;
  /** Called synchronously just before the first byte leaves, so that a reading can be told from older orders. */
  started?(): void;
}

/** Channels count from 1, as printed on the boards. */
export interface RelayDriver {
  readonly channels: number;
  /** One coil. Resolves when the board acknowledged exactly this write. */
  setCoil(channel: number, isOn: boolean, terms: Terms): Promise<void>;
  /**
   * Every coil of the board off in one exchange, where the family can. The acknowledgement carries no values:
   * the caller reads back before it believes it.
   */
  readonly allOff?: (terms: Terms) => Promise<void>;
  /** The output register (not the contacts): index 0 is channel 1. */
  readCoils(terms: Terms): Promise<boolean[]>;
  /** The board's inputs, where it has them: index 0 is input 1. */
  readonly readInputs?: (terms: Terms) => Promise<boolean[]>;
}

export type DriverErrorCode =
  | 'not_valid' //     stillValid() said no; nothing was sent
  | 'port_closed' //   no open port; nothing was sent, nothing is kept for later (S11)
  | 'timeout' //       sent, no valid reply in time; the board may have obeyed
  | 'exception' //     the board refused (a Modbus exception)
  | 'write_failed'; // the port broke while sending

const ADVICE: Record<DriverErrorCode, string> = {
  not_valid: 'the order was superseded or its deadline passed',
  port_closed: 'check the cable, the adapter and the path in the configuration',
  timeout: 'check power, wiring (A/B), unit address and baud rate of the board',
  exception: 'check the number of channels in the configuration',
  write_failed: 'check the adapter and its cable',
};

/** The only error a driver throws. */
export class DriverError extends Error {
  readonly code: DriverErrorCode;
  readonly advice: string;
  constructor(code: DriverErrorCode, what: string) {
    super(what);
    this.name = 'DriverError';
    this.code = code;
    this.advice = ADVICE[code];
  }
}

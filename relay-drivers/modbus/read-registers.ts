import { DriverError, type Terms } from '../driver.ts';
import type { Question } from '../line/exchange.ts';
import type { Line } from '../line/line.ts';
import { exceptionText } from './exceptions.ts';
import { registerReadMs } from './exchange-time.ts';
import { encodeRegisterRequest, findRegisterReply, type RegisterRequest } from './registers.ts';

/** What a meter is asked. */
export interface RegisterRead {
  /** For error messages, e.g. `meter unit 2, total power`. */
  readonly label: string;
  readonly request: Extract<RegisterRequest, { quantity: number }>;
  readonly timeoutMs: number;
  readonly hush?: Question<unknown>['hush'];
}

/** One exchange. Throws `DriverError`; a refusal by the device is an `exception`. */
export async function readRegisters(line: Line, read: RegisterRead, terms: Terms): Promise<number[]> {
  const { label, request, timeoutMs, hush } = read;
  const reply = await line.exchange({
    label,
    request: encodeRegisterRequest(request),
    parse: (bytes) => findRegisterReply(request, bytes),
    timeoutMs,
    ...(hush === undefined ? {} : { hush }),
    terms,
  });
  if (reply.kind === 'registers') return reply.values;
  throw new DriverError(
    'exception',
    `${label}: ${reply.kind === 'exception' ? exceptionText(reply.code) : 'no values'}`,
  );
}

/** Meters are given up after this by those who read them (wire-formats B2). */
const TIMEOUT_MS = 300;
/** At 2400 baud the frames alone take most of that; meters think for 30 to 50 ms, adapters add their own. */
const DEVICE_ALLOWANCE_MS = 150;

/** How long to wait for a meter when the configuration does not say: 300 ms, more on a slow line. */
export function meterTimeoutMs(baud: number, quantity: number): number {
  return Math.max(TIMEOUT_MS, registerReadMs(baud, quantity) + DEVICE_ALLOWANCE_MS);
}

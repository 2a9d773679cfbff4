import { DriverError, type RelayDriver } from '../../relay-drivers/driver.ts';
import type { Found, Question } from '../../relay-drivers/line/exchange.ts';
import type { Line } from '../../relay-drivers/line/line.ts';
import {
  COIL_OFF,
  COIL_ON,
  type CoilRequest,
  encodeRequest,
  functionOf,
  unpackBits,
} from '../../relay-drivers/modbus-coils/codec.ts';
import { createModbusCoils } from '../../relay-drivers/modbus-coils/driver.ts';
import { type CoilReply, findReply } from '../../relay-drivers/modbus-coils/replies.ts';
import type { ModbusCoilsSettings } from '../../relay-drivers/modbus-coils/settings.ts';

/** Drivers that are wrong on purpose: each makes the mistake of its name, and the suite must see it. */

type Create = (settings: ModbusCoilsSettings, line: Line) => RelayDriver;
type Parse = (request: CoilRequest) => Question<CoilReply>['parse'];

interface Habits {
  readonly parse: Parse;
  /** Whether it learns the adapter's echo before it believes an answer that repeats its request. */
  readonly probes: boolean;
}

const rightParse: Parse = (request) => (bytes) => findReply(request, bytes);

/** The family's driver in short, with habits that can be bad. */
function coilDriver({ unit, channels, timeout_ms: timeoutMs = 300 }: ModbusCoilsSettings, line: Line, habits: Habits) {
  const question = (request: CoilRequest): Question<CoilReply> => ({
    label: request.kind,
    request: encodeRequest(request),
    parse: habits.parse(request),
    timeoutMs,
  });
  const reading = question({ kind: 'read_coils', unit, address: 0, quantity: Math.ceil(channels / 8) * 8 });
  const driver: RelayDriver = {
    channels,
    setCoil: async (channel, isOn, terms) => {
      if (!Number.isInteger(channel) || channel < 1 || channel > channels)
        throw new DriverError('exception', `channel ${channel} does not exist`);
      const request: CoilRequest = { kind: 'write_coil', unit, address: channel - 1, value: isOn ? COIL_ON : COIL_OFF };
      await line.exchange({ ...question(request), terms, ...(habits.probes ? { probe: reading } : {}) });
      return 'acknowledged';
    },
    readCoils: async (terms) => {
      const reply = await line.exchange({ ...reading, terms });
      if (reply.kind !== 'bits') throw new DriverError('exception', 'no values');
      return reply.bits.slice(0, channels);
    },
  };
  return driver;
}

/** Without a mistake: what the others differ from. */
export const faultless: Create = (settings, line) => coilDriver(settings, line, { parse: rightParse, probes: true });

/** Believes whatever begins like a reply and is as long as one. */
export const ignoresCrc: Create = (settings, line) =>
  coilDriver(settings, line, { parse: uncheckedParse, probes: true });

const uncheckedParse: Parse = (request) => (bytes) => {
  for (let start = 0; start + 5 <= bytes.length; start += 1) {
    if (bytes[start] !== request.unit || bytes[start + 1] !== functionOf(request)) continue;
    const found = uncheckedAt(request, bytes, start);
    if (found) return found;
  }
  return null;
};

function uncheckedAt(request: CoilRequest, bytes: Uint8Array, start: number): Found<CoilReply> | null {
  if (request.kind !== 'read_coils') {
    const end = start + 8;
    return end <= bytes.length ? { reply: { kind: 'written' }, start, end } : null;
  }
  const end = start + 5 + request.quantity / 8;
  const bits = unpackBits(bytes.subarray(start + 3), request.quantity);
  return end <= bytes.length ? { reply: { kind: 'bits', bits }, start, end } : null;
}

/** Takes the first frame that looks like the answer for the answer, also where its own request came back. */
export const believesEcho: Create = (settings, line) =>
  coilDriver(settings, line, { parse: rightParse, probes: false });

/** Keeps what the port did not take, and sends it when the port is back (S11). */
export const sendsAfterReconnect: Create = (settings, line) => {
  const driver = createModbusCoils(settings, line);
  const kept: (() => void)[] = [];
  line.onStateChange(({ isOpen }) => {
    if (isOpen) for (const send of kept.splice(0)) send();
  });
  return {
    ...driver,
    setCoil: async (channel, isOn, terms) => {
      try {
        return await driver.setCoil(channel, isOn, terms);
      } catch (failure) {
        if (failure instanceof DriverError && failure.code === 'port_closed')
          kept.push(() => void driver.setCoil(channel, isOn, terms).catch(() => {}));
        throw failure;
      }
    },
  };
};

/** Switches off in its turn, behind what came first. */
export const offWaits: Create = (settings, line) => {
  const driver = createModbusCoils(settings, line);
  return { ...driver, setCoil: (channel, isOn, terms) => driver.setCoil(channel, isOn, { ...terms, priority: 'on' }) };
};

/** Throws what it likes. */
export const throwsAnything: Create = (settings, line) => {
  const driver = createModbusCoils(settings, line);
  const readCoils: RelayDriver['readCoils'] = (terms) =>
    driver.readCoils(terms).catch((failure: Error) => {
      throw new Error(failure.message);
    });
  return { ...driver, readCoils };
};

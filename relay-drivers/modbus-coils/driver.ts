import { DriverError, type RelayDriver, type Terms } from '../driver.ts';
import type { Exchange, Question } from '../line/exchange.ts';
import type { Line } from '../line/line.ts';
import { COIL_OFF, COIL_ON, type CoilRequest, encodeRequest } from './codec.ts';
import { type CoilReply, findReply } from './replies.ts';
import type { ModbusCoilsSettings } from './settings.ts';

const EXCEPTION_TEXT: Readonly<Record<number, string>> = {
  1: 'it does not know this function',
  2: 'it has no such channel',
  3: 'it does not accept this value',
  4: 'it reports a failure of its own',
  6: 'it is busy',
};

/** Waveshare and LCTech/AliExpress coil boards. Each call is one exchange on the line. */
export function createModbusCoils(settings: ModbusCoilsSettings, line: Line): RelayDriver {
  const board = new CoilBoard(settings, line);
  return {
    channels: settings.channels,
    setCoil: (channel, isOn, terms) => board.setCoil(channel, isOn, terms),
    readCoils: (terms) => board.read('read_coils', terms),
    ...(settings.quirks?.fc0f === 'none' ? {} : { allOff: (terms: Terms) => board.allOff(terms) }),
    ...(settings.inputs ? { readInputs: (terms: Terms) => board.read('read_inputs', terms) } : {}),
  };
}

class CoilBoard {
  readonly #settings: ModbusCoilsSettings;
  readonly #line: Line;
  /** Some boards answer only when asked for 8, and the oldest answer 8 whatever is asked (wire-formats A1, quirk 3). */
  readonly #width: number;

  constructor(settings: ModbusCoilsSettings, line: Line) {
    this.#settings = settings;
    this.#line = line;
    this.#width = Math.ceil(settings.channels / 8) * 8;
  }

  async setCoil(channel: number, isOn: boolean, terms: Terms): Promise<void> {
    const { unit, channels } = this.#settings;
    if (!Number.isInteger(channel) || channel < 1 || channel > channels) {
      throw new DriverError(
        'exception',
        `unit ${unit}: channel ${channel} does not exist on a board of ${channels}; nothing was sent`,
      );
    }
    const request: CoilRequest = { kind: 'write_coil', unit, address: channel - 1, value: isOn ? COIL_ON : COIL_OFF };
    // The reply repeats the request, as an echoing adapter does: a read tells the two apart (wire-formats D).
    await this.#exchange({
      ...this.#question(request, `relay ${channel} ${isOn ? 'on' : 'off'}`),
      terms,
      probe: this.#readQuestion('read_coils'),
    });
  }

  /** Over the whole board only: LCTech takes FC0F for 0,8 and nothing else. Its reply never equals its request. */
  async allOff(terms: Terms): Promise<void> {
    const request: CoilRequest = {
      kind: 'write_coils',
      unit: this.#settings.unit,
      address: 0,
      bits: new Array<boolean>(this.#width).fill(false),
    };
    await this.#exchange({ ...this.#question(request, 'all relays off'), terms });
  }

  async read(kind: 'read_coils' | 'read_inputs', terms: Terms): Promise<boolean[]> {
    const reply = await this.#exchange({ ...this.#readQuestion(kind), terms });
    if (reply.kind !== 'bits')
      throw new DriverError('exception', `unit ${this.#settings.unit}: no values in the reply to a read`);
    return kind === 'read_coils' ? reply.bits.slice(0, this.#settings.channels) : reply.bits;
  }

  #readQuestion(kind: 'read_coils' | 'read_inputs'): Question<CoilReply> {
    const request: CoilRequest = { kind, unit: this.#settings.unit, address: 0, quantity: this.#width };
    return this.#question(request, kind === 'read_coils' ? 'read relays' : 'read inputs');
  }

  #question(request: CoilRequest, label: string): Question<CoilReply> {
    const timeoutMs = this.#settings.timeout_ms;
    return {
      label: `unit ${this.#settings.unit}, ${label}`,
      request: encodeRequest(request),
      parse: (bytes) => findReply(request, bytes),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    };
  }

  async #exchange(exchange: Exchange<CoilReply>): Promise<CoilReply> {
    const reply = await this.#line.exchange(exchange);
    if (reply.kind !== 'exception') return reply;
    const text = EXCEPTION_TEXT[reply.code] ?? 'no further word';
    throw new DriverError('exception', `${exchange.label}: the board refused, ${text} (exception ${reply.code})`);
  }
}

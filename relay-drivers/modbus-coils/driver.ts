import { DriverError, type Proof, type RelayDriver, type Terms } from '../driver.ts';
import type { Exchange, Question } from '../line/exchange.ts';
import type { Line } from '../line/line.ts';
import { requireChannel } from '../line/readings.ts';
import { exceptionText } from '../modbus/exceptions.ts';
import {
  encodeRegisterRequest,
  findRegisterReply,
  type RegisterReply,
  type RegisterRequest,
} from '../modbus/registers.ts';
import { COIL_OFF, COIL_ON, type CoilRequest, encodeRequest } from './codec.ts';
import { type InputMode, inputsToSet, readInputModesRequest, writeInputModeRequest } from './input-modes.ts';
import { type CoilReply, findReply } from './replies.ts';
import type { ModbusCoilsSettings } from './settings.ts';

/** Waveshare and LCTech/AliExpress coil boards. Each call is one exchange on the line. */
export function createModbusCoils(settings: ModbusCoilsSettings, line: Line): RelayDriver {
  const board = new CoilBoard(settings, line);
  return {
    channels: settings.channels,
    setCoil: (channel, isOn, terms) => board.setCoil(channel, isOn, terms),
    readCoils: (terms) => board.read('read_coils', terms),
    ...(settings.quirks?.fc0f === 'none' ? {} : { allOff: (terms: Terms) => board.allOff(terms) }),
    ...(settings.inputs ? { readInputs: (terms: Terms) => board.read('read_inputs', terms) } : {}),
    ...(settings.input_modes ? { prepare: (terms: Terms) => board.setInputModes(terms) } : {}),
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

  async setCoil(channel: number, isOn: boolean, terms: Terms): Promise<Proof> {
    const { unit, channels } = this.#settings;
    requireChannel(`unit ${unit}`, channel, channels);
    const request: CoilRequest = { kind: 'write_coil', unit, address: channel - 1, value: isOn ? COIL_ON : COIL_OFF };
    // The reply repeats the request, as an echoing adapter does: a read tells the two apart (wire-formats D).
    await this.#exchange({
      ...this.#question(request, `relay ${channel} ${isOn ? 'on' : 'off'}`),
      terms,
      probe: this.#readQuestion('read_coils'),
    });
    return 'acknowledged';
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

  /** Reads first: registers that are right already are not worn by writing. */
  async setInputModes(terms: Terms): Promise<void> {
    const { unit, input_modes: modes = {} } = this.#settings;
    const wanted = new Map(Object.entries(modes).map(([input, mode]): [number, InputMode] => [Number(input), mode]));
    const probe = this.#registerQuestion(readInputModesRequest(unit, this.#width), 'read input modes');
    const reply = await this.#exchange({ ...probe, terms });
    const registers = reply.kind === 'registers' ? reply.values : [];
    for (const [input, mode] of inputsToSet(wanted, registers)) {
      const question = this.#registerQuestion(writeInputModeRequest(unit, input, mode), `input ${input} ${mode}`);
      await this.#exchange({ ...question, terms, probe });
    }
  }

  #readQuestion(kind: 'read_coils' | 'read_inputs'): Question<CoilReply> {
    const request: CoilRequest = { kind, unit: this.#settings.unit, address: 0, quantity: this.#width };
    return this.#question(request, kind === 'read_coils' ? 'read relays' : 'read inputs');
  }

  #question(request: CoilRequest, label: string): Question<CoilReply> {
    return { ...this.#named(label), request: encodeRequest(request), parse: (bytes) => findReply(request, bytes) };
  }

  #registerQuestion(request: RegisterRequest, label: string): Question<RegisterReply> {
    const parse = (bytes: Uint8Array) => findRegisterReply(request, bytes);
    return { ...this.#named(label), request: encodeRegisterRequest(request), parse };
  }

  #named(label: string): Pick<Question<never>, 'label' | 'timeoutMs'> {
    const { unit, timeout_ms: timeoutMs } = this.#settings;
    return { label: `unit ${unit}, ${label}`, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  }

  async #exchange<T extends CoilReply | RegisterReply>(exchange: Exchange<T>): Promise<T> {
    const reply = await this.#line.exchange(exchange);
    if (reply.kind !== 'exception') return reply;
    throw new DriverError('exception', `${exchange.label}: ${exceptionText(reply.code)}`);
  }
}

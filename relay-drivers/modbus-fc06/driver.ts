import { DriverError, type Proof, type RelayDriver, type Terms } from '../driver.ts';
import type { Exchange, Question } from '../line/exchange.ts';
import type { Line } from '../line/line.ts';
import { requireChannel } from '../line/readings.ts';
import { lineTiming } from '../line/timing.ts';
import { exceptionText } from '../modbus/exceptions.ts';
import { encodeRegisterRequest, type RegisterReply, type RegisterRequest } from '../modbus/registers.ts';
import { ALL_CHANNELS, commandRequest, findFc06Reply, readRelaysRequest, relaysOf } from './codec.ts';
import type { ModbusFc06Settings } from './settings.ts';

/** R421A08, R4D8A08, LaskaKit: relays that FC06 commands switch. Each call is one exchange on the line. */
export function createModbusFc06(settings: ModbusFc06Settings, line: Line): RelayDriver {
  const board = new CommandBoard(settings, line);
  return {
    channels: settings.channels,
    setCoil: (channel, isOn, terms) => board.setCoil(channel, isOn, terms),
    allOff: (terms) => board.allOff(terms),
    readCoils: (terms) => board.readCoils(terms),
  };
}

class CommandBoard {
  readonly #settings: ModbusFc06Settings;
  readonly #line: Line;
  readonly #readTimeoutMs: number;

  constructor(settings: ModbusFc06Settings, line: Line) {
    this.#settings = settings;
    this.#line = line;
    this.#readTimeoutMs = settings.timeout_ms ?? readTimeoutMs(settings);
  }

  async setCoil(channel: number, isOn: boolean, terms: Terms): Promise<Proof> {
    const { unit, channels } = this.#settings;
    requireChannel(`unit ${unit}`, channel, channels);
    const command = isOn ? 'on' : 'off';
    await this.#write(commandRequest(unit, channel, command), `relay ${channel} ${command}`, terms);
    return 'acknowledged';
  }

  async allOff(terms: Terms): Promise<void> {
    await this.#write(commandRequest(this.#settings.unit, ALL_CHANNELS, 'allOff'), 'all relays off', terms);
  }

  async readCoils(terms: Terms): Promise<boolean[]> {
    const reply = await this.#exchange({ ...this.#readQuestion(), terms });
    if (reply.kind !== 'registers')
      throw new DriverError('exception', `unit ${this.#settings.unit}: no values in the reply to a read`);
    return relaysOf(reply.values);
  }

  /** The reply repeats the request, as an echoing adapter does: a read tells the two apart (wire-formats D). */
  async #write(request: RegisterRequest, label: string, terms: Terms): Promise<void> {
    await this.#exchange({ ...this.#question(request, label), terms, probe: this.#readQuestion() });
  }

  #readQuestion(): Question<RegisterReply> {
    const { unit, channels } = this.#settings;
    const question = this.#question(readRelaysRequest(unit, channels), 'read relays');
    return { ...question, timeoutMs: this.#readTimeoutMs };
  }

  #question(request: RegisterRequest, label: string): Question<RegisterReply> {
    const { unit, timeout_ms: timeoutMs } = this.#settings;
    return {
      label: `unit ${unit}, ${label}`,
      request: encodeRegisterRequest(request),
      parse: (bytes) => findFc06Reply(request, bytes),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    };
  }

  async #exchange(exchange: Exchange<RegisterReply>): Promise<RegisterReply> {
    const reply = await this.#line.exchange(exchange);
    if (reply.kind !== 'exception') return reply;
    throw new DriverError('exception', `${exchange.label}: ${exceptionText(reply.code)}`);
  }
}

/** A register a relay: at 1200 baud the answer of a long board alone outlasts the usual timeout. */
function readTimeoutMs({ baud, parity, channels }: ModbusFc06Settings): number {
  const { charMs, replyTimeoutMs } = lineTiming(baud, parity);
  return replyTimeoutMs + channels * 2 * charMs;
}

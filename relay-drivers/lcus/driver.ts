import { DriverError, type Proof, type RelayDriver, type Terms } from '../driver.ts';
import type { Exchange, Question } from '../line/exchange.ts';
import type { Line } from '../line/line.ts';
import { agreed, oneByOne, requireChannel } from '../line/readings.ts';
import { encodeFrame, exactRawStates, findState, findStatusText, LCUS, STATUS_QUERY } from './codec.ts';
import { type Firmware, Inquiry } from './inquiry.ts';
import type { LcusSettings } from './settings.ts';

/** The board takes one frame at a time; drivers in the field leave it 50 or 100 ms (wire-formats A3). */
const REST_MS = 80;

/** LCUS boards, whatever their firmware. */
export function createLcus(settings: LcusSettings, line: Line): RelayDriver {
  const board = new LcusBoard(settings, line);
  return {
    channels: settings.channels,
    setCoil: (channel, isOn, terms) => board.setCoil(channel, isOn, terms),
    readCoils: (terms) => board.readCoils(terms),
  };
}

class LcusBoard {
  readonly #settings: LcusSettings;
  readonly #line: Line;
  readonly #inquiry = new Inquiry();

  constructor(settings: LcusSettings, line: Line) {
    this.#settings = settings;
    this.#line = line;
    line.onStateChange((state) => {
      if (!state.isOpen) this.#inquiry.portLost();
    });
  }

  /** Until the firmware is known, with the frame that all of them obey. */
  async setCoil(channel: number, isOn: boolean, terms: Terms): Promise<Proof> {
    const { id, channels } = this.#settings;
    requireChannel(id, channel, channels);
    const isAnswered = this.#inquiry.firmware === 'feedback';
    return await this.#line.exchange({ ...(isAnswered ? this.#set(channel, isOn) : this.#tell(channel, isOn)), terms });
  }

  async readCoils(terms: Terms): Promise<boolean[]> {
    while (this.#inquiry.firmware === null) await this.#inquire(terms);
    return await this.#readAs(this.#inquiry.firmware, terms);
  }

  async #readAs(firmware: Firmware, terms: Terms): Promise<boolean[]> {
    const { id, channels } = this.#settings;
    switch (firmware) {
      case 'silent':
        throw new DriverError('no_read_back', `${id}: its firmware cannot be asked for the state of its relays`);
      case 'words':
        return await this.#line.exchange({ ...this.#status((bytes) => findStatusText(channels, bytes)), terms });
      case 'raw':
        return await agreed(terms, (each) =>
          this.#line.exchange({ ...this.#status((bytes) => exactRawStates(channels, bytes)), terms: each }),
        );
      case 'feedback':
        return await oneByOne(channels, terms, (channel, each) =>
          this.#line.exchange({ ...this.#query(channel, (bytes) => findState(channel, bytes)), terms: each }),
        );
    }
  }

  /** One question towards the firmware. Throws what keeps it from being asked, and what a board said that is no answer. */
  async #inquire(terms: Terms): Promise<void> {
    const exchange: Exchange<Firmware> = { ...this.#inquiryQuestion(), terms };
    try {
      this.#inquiry.answeredAs(await this.#line.exchange(exchange));
    } catch (failure) {
      if (!(failure instanceof DriverError) || failure.code !== 'timeout') throw failure;
      const isOver = this.#inquiry.missed(!isSilence(failure.heard, exchange.request));
      if (isOver) throw failure;
    }
  }

  #inquiryQuestion(): Question<Firmware> {
    if (this.#inquiry.question === 'feedback') {
      return this.#query(1, (bytes) => as('feedback', findState(1, bytes)));
    }
    const { channels } = this.#settings;
    // A board of one relay has no such firmware, and one stray byte is soon heard.
    const findRaw = (bytes: Uint8Array) => (channels > 1 ? exactRawStates(channels, bytes) : null);
    return this.#status((bytes) => as('words', findStatusText(channels, bytes)) ?? as('raw', findRaw(bytes)));
  }

  #status<T>(parse: Question<T>['parse']): Question<T> {
    return { ...this.#common('read relays'), request: STATUS_QUERY, parse };
  }

  #query<T>(channel: number, parse: Question<T>['parse']): Question<T> {
    return {
      ...this.#common(`read relay ${channel}`),
      request: encodeFrame({ channel, command: LCUS.query }),
      parse,
    };
  }

  /** The feedback firmware says what became of the relay. */
  #set(channel: number, isOn: boolean): Question<Proof> {
    return {
      ...this.#common(`relay ${channel} ${isOn ? 'on' : 'off'}`),
      request: encodeFrame({ channel, command: isOn ? LCUS.on : LCUS.off }),
      parse: (bytes) => {
        const found = findState(channel, bytes);
        return found?.reply === isOn ? { ...found, reply: 'acknowledged' } : null;
      },
    };
  }

  #tell(channel: number, isOn: boolean): Question<Proof> {
    return {
      ...this.#common(`relay ${channel} ${isOn ? 'on' : 'off'}`),
      request: encodeFrame({ channel, command: isOn ? LCUS.onSilently : LCUS.offSilently }),
      parse: () => null,
      unanswered: { reply: 'sent' },
    };
  }

  #common(what: string) {
    const { id, timeout_ms: timeoutMs } = this.#settings;
    return { label: `${id}, ${what}`, restMs: REST_MS, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  }
}

/** An adapter that echoes is not a board that speaks. */
function isSilence(heard: Uint8Array, request: Uint8Array): boolean {
  if (heard.length === 0) return true;
  return heard.length === request.length && heard.every((byte, index) => byte === request[index]);
}

function as(
  firmware: Firmware,
  found: ReturnType<Question<unknown>['parse']>,
): ReturnType<Question<Firmware>['parse']> {
  return found && { ...found, reply: firmware };
}

import type { Proof, RelayDriver, Terms } from '../driver.ts';
import type { Question } from '../line/exchange.ts';
import type { Line } from '../line/line.ts';
import { agreed, oneByOne, requireChannel } from '../line/readings.ts';
import { commandText, encodeCommand, findAnswer, hexOf, type NumatoCommand, ON_OR_OFF, statesOfHex } from './codec.ts';
import type { NumatoSettings } from './settings.ts';

/** Up to here each relay is read by itself: that is recorded, and one spoiled byte makes no word of the other. */
const READ_BY_WORD = 8;

/** Numato modules: every command is answered with itself and a prompt. */
export function createNumato(settings: NumatoSettings, line: Line): RelayDriver {
  const board = new NumatoBoard(settings, line);
  return {
    channels: settings.channels,
    setCoil: (channel, isOn, terms) => board.setCoil(channel, isOn, terms),
    readCoils: (terms) => board.readCoils(terms),
  };
}

class NumatoBoard {
  readonly #settings: NumatoSettings;
  readonly #line: Line;

  constructor(settings: NumatoSettings, line: Line) {
    this.#settings = settings;
    this.#line = line;
  }

  /**
   * The module answers with our words but without our carriage return, so that an adapter's echo is never its answer.
   * Probed all the same: half a command that an earlier program left in the module would spoil ours, and the prompt
   * would come nevertheless. A read that works has flushed it.
   */
  async setCoil(channel: number, isOn: boolean, terms: Terms): Promise<Proof> {
    const { id, channels } = this.#settings;
    requireChannel(id, channel, channels);
    const question = this.#question({ kind: isOn ? 'on' : 'off', channel }, null);
    await this.#line.exchange({ ...question, terms, probe: this.#question({ kind: 'read', channel }, ON_OR_OFF) });
    return 'acknowledged';
  }

  readCoils(terms: Terms): Promise<boolean[]> {
    const { channels } = this.#settings;
    if (channels > READ_BY_WORD) return agreed(terms, (each) => this.#readAll(each));
    return oneByOne(channels, terms, async (channel, each) => {
      const word = await this.#line.exchange({ ...this.#question({ kind: 'read', channel }, ON_OR_OFF), terms: each });
      return word === 'on';
    });
  }

  async #readAll(terms: Terms): Promise<boolean[]> {
    const { channels } = this.#settings;
    const hex = await this.#line.exchange({ ...this.#question({ kind: 'readall' }, hexOf(channels)), terms });
    return statesOfHex(hex, channels);
  }

  #question(command: NumatoCommand, value: RegExp | null): Question<string> {
    const { id, channels, timeout_ms: timeoutMs } = this.#settings;
    const text = commandText(command, channels);
    return {
      label: `${id}, ${text}`,
      request: encodeCommand(command, channels),
      parse: (bytes) => findAnswer(text, value, bytes),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    };
  }
}

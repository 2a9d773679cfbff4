import type { Bench, Flavour, Protocol } from '../simulator/protocol.ts';
import { channelName, hexOfStates } from './codec.ts';

const RETURN = 0x0d;
/** Longer than any command: what is typed beyond it is not kept. */
const MAX_COMMAND = 64;

/** Types back what it hears; a carriage return ends the command, and what was half typed waits for one. */
class Terminal implements Protocol {
  #typed = '';

  hear(frame: Uint8Array, _unit: number, bench: Bench): Uint8Array | null {
    const said = Array.from(frame, (byte) => this.#type(byte, bench)).join('');
    return said === '' ? null : Uint8Array.from(said, (char) => char.charCodeAt(0));
  }

  #type(byte: number, bench: Bench): string {
    if (byte !== RETURN) {
      const char = String.fromCharCode(byte);
      if (this.#typed.length < MAX_COMMAND) this.#typed += char;
      return char;
    }
    const value = carryOut(this.#typed, bench);
    this.#typed = '';
    return `\n\r${value === null ? '' : `${value}\n\r`}>`;
  }
}

/** What stands between echo and prompt; null: nothing, also for what it does not understand. */
function carryOut(command: string, bench: Bench): string | null {
  if (command === 'relay readall') return hexOfStates(bench.registers());
  const [, verb, name] = /^relay (on|off|read) (\w+)$/.exec(command) ?? [];
  const channel = 1 + bench.registers().findIndex((_, index) => channelName(index + 1, bench.channels) === name);
  if (channel === 0) return null;
  if (verb === 'read') return bench.registers()[channel - 1] ? 'on' : 'off';
  bench.set(channel, verb === 'on');
  return null;
}

export const NUMATO_TWINS = {
  numato: { unit: 1, powerUpText: null, protocol: () => new Terminal() },
} as const satisfies Record<string, Flavour>;

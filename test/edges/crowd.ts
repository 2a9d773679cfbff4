import { systemClock } from '../../daemon/observe/system-clock.ts';
import { pause } from '../../relay-drivers/clock.ts';
import type { Dice } from '../sim/dice.ts';
import type { Board } from './board.ts';
import { Client, type Reply, type Toggled } from './client.ts';

/** One request of somebody in the crowd. */
export interface Asked {
  readonly actor: string;
  readonly appliance: string;
  readonly isOn: boolean;
  readonly key: string | null;
}

/** A request and the answer to it. */
export interface Told extends Asked {
  readonly reply: Reply<Toggled>;
}

/** So many of the newest requests with a key may be sent again. */
const REMEMBERED = 20;

/** Somebody who toggles one thing after the other, with and without idempotency keys, and sends again what got no answer. */
export class Caller {
  readonly name: string;
  readonly #token: string;
  readonly #dice: Dice;
  readonly #appliances: readonly string[];
  #keyed: Asked[] = [];
  /** Sent, and the hub died before it answered. */
  #unanswered: Asked[] = [];
  #serial = 0;

  constructor(name: string, token: string, dice: Dice, appliances: readonly string[]) {
    this.name = name;
    this.#token = token;
    this.#dice = dice;
    this.#appliances = appliances;
  }

  /** Until the hub dies. */
  async toggleAt(url: string, onAsked: () => void, onTold: (told: Told) => void): Promise<void> {
    const client = new Client(url, this.#token);
    try {
      for (;;) await this.#once(client, onAsked, onTold);
    } catch {
      return; // the hub is dead
    } finally {
      client.close();
    }
  }

  /** Requests with a key that were answered in an earlier life of the hub, sent again. */
  async repeat(url: string, onTold: (told: Told) => void): Promise<void> {
    const client = new Client(url, this.#token);
    const answered = this.#keyed.filter((asked) => !this.#unanswered.includes(asked));
    for (const asked of answered.slice(-2)) onTold({ ...asked, reply: await send(client, asked) });
    client.close();
  }

  async #once(client: Client, onAsked: () => void, onTold: (told: Told) => void): Promise<void> {
    const asked = this.#unanswered.pop() ?? this.#next();
    try {
      const reply = send(client, asked);
      onAsked();
      onTold({ ...asked, reply: await reply });
    } catch (error) {
      if (asked.key !== null) this.#unanswered.push(asked);
      throw error;
    }
  }

  #next(): Asked {
    const dice = this.#dice;
    const mood = dice.weighted({ plain: 6, keyed: 5, again: 1 });
    if (mood === 'again' && this.#keyed.length > 0) return dice.pick(this.#keyed);
    const key = mood === 'plain' ? null : `${this.name}-${this.#serial++}`;
    const asked = { actor: this.name, appliance: dice.pick(this.#appliances), isOn: dice.chance(0.5), key };
    if (key !== null) this.#keyed = [...this.#keyed.slice(1 - REMEMBERED), asked];
    return asked;
  }
}

function send(client: Client, { appliance, isOn, key }: Asked): Promise<Reply<Toggled>> {
  return client.toggle(appliance, isOn, key ?? undefined);
}

/** Hands at the board itself: wall switches and its own buttons, as long as somebody is at it. */
export async function fumble(board: Board, dice: Dice, channels: number, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    // Hands are slow: this is the load, not a wait for anything.
    await pause(systemClock, dice.int(5, 120));
    const deed = dice.weighted({ input: 2, button: 1, nothing: 1 });
    if (deed === 'input') await board.input(dice.int(1, 2), dice.chance(0.5));
    if (deed === 'button') await board.button(dice.int(1, channels));
  }
}

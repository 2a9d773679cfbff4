import { plugProtocol } from '../../relay-drivers/plug-registry.ts';
import type { PlugHome } from './plug-homes.ts';

export interface PlugCommand {
  readonly bus: string;
  readonly channel: number;
  readonly isOn: boolean;
}

const NUMBER = 7;

/** Reads what a hub sends to plugs: which relay it switches, if any. */
export class PlugCommands {
  readonly #commands = new Map<string, PlugCommand>();

  constructor(plugs: readonly PlugHome[]) {
    for (const { id: bus, settings, channels } of plugs) {
      const protocol = plugProtocol(settings);
      for (let channel = 1; channel <= channels; channel += 1)
        for (const isOn of [true, false]) {
          const { topic, payload } = protocol.command(channel, isOn, NUMBER);
          this.#commands.set(keyOf(topic, payload), { bus, channel, isOn });
        }
    }
  }

  /** Null: a question. */
  read(topic: string, payload: string): PlugCommand | null {
    return this.#commands.get(keyOf(topic, payload)) ?? null;
  }
}

/** Whatever number the question has. */
function keyOf(topic: string, payload: string): string {
  return `${topic} ${payload.replace(/"id":\d+,"src"/, '"id":0,"src"')}`;
}

import type { Finds } from '../../daemon/found-devices.ts';
import type { FoundPlug } from '../../relay-drivers/plugs/protocol.ts';
import type { House } from './rig.ts';

export function plug(id: string, fields: Partial<FoundPlug> = {}): FoundPlug {
  return {
    id,
    driver: 'tasmota',
    name: 'Desk',
    model: 'Plug S',
    channels: [{ name: null }],
    measuresPower: true,
    settings: { topic: id },
    ...fields,
  };
}

/** What a discovery would tell, as a test wants it. */
export class FoundPlugs implements Finds {
  #plugs: readonly FoundPlug[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(...plugs: FoundPlug[]) {
    this.#plugs = plugs;
  }

  found(): readonly FoundPlug[] {
    return this.#plugs;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  become(...plugs: FoundPlug[]): void {
    this.#plugs = plugs;
    for (const listener of this.#listeners) listener();
  }
}

/** Adopting is answered once the plug was read, or is known not to answer: these do not, which is recorded within a second. */
export function nothingAnswers({ hub, clock }: Pick<House, 'hub' | 'clock'>): void {
  hub.subscribe(({ event }) => {
    if (event.kind !== 'appliance_added' || event.settings.relay === null) return;
    const { id, relay } = event.settings;
    void hub.ask({ kind: 'bus_lost', bus: relay.bus, reason: 'nothing was heard' });
    void clock.until(() => hub.appliance(id)?.fault !== null);
  });
}

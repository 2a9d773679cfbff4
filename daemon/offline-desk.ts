import { randomUUID } from 'node:crypto';
import type { OfflineDesk } from './cli/ports.ts';
import { openLedger } from './ledger/client.ts';
import { systemClock } from './observe/system-clock.ts';
import type { Dispatch } from './queue/ports.ts';
import { Queue } from './queue/queue.ts';
import { restore } from './restore.ts';
import { timeline } from './timeline.ts';

/** There are no relays at this desk: what it is asked concerns tokens and the like. */
const NO_RELAYS: Dispatch = {
  order: () => undefined,
  emergencyOff: async () => false,
  emergencyIsOver: () => undefined,
  bindingsChanged: () => undefined,
};

/** The queue over a ledger that no hub holds; refused (`ledger_in_use`) while one does. Records no start of a hub. */
export async function openDesk(dataDir: string): Promise<OfflineDesk> {
  const ledger = await openLedger({ dataDir, bootId: randomUUID() });
  const now = timeline(systemClock, ledger.stored.lastUpMs);
  const state = await restore(ledger.stored, (after, limit) => ledger.read(after, limit));
  const quiet = () => undefined;
  const queue = new Queue({
    state,
    ledger,
    dispatch: NO_RELAYS,
    clock: systemClock,
    now,
    onEvent: quiet,
    onTrouble: quiet,
    onTurn: quiet,
  });
  return {
    ask: (input) => queue.ask(input),
    tokens: () => [...state.tokens.values()],
    mqttUsers: () => [...state.mqttUsers.values()],
    close: async () => {
      queue.close();
      await ledger.close();
    },
  };
}

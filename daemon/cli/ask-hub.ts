import { askControl } from './control-client.ts';
import { ControlError } from './control-wire.ts';
import { deskHandlers } from './desk-handlers.ts';
import { runError } from './errors.ts';
import { loadHub } from './hub-module.ts';
import type { CliIo } from './io.ts';

/** Asks the hub that runs on this data directory; when none does, opens the ledger for this one question. */
export async function askHub(dataDir: string, method: string, params: unknown, io: CliIo): Promise<unknown> {
  try {
    const answered = await askControl(dataDir, method, params);
    return answered === null ? await askLedger(dataDir, method, params, io) : answered.result;
  } catch (error) {
    if (error instanceof ControlError) throw runError(`${error.message} (${error.code})`);
    throw error;
  }
}

async function askLedger(dataDir: string, method: string, params: unknown, io: CliIo): Promise<unknown> {
  const { openDesk } = await loadHub();
  const desk = await openDesk(dataDir);
  try {
    const handler = deskHandlers(desk, () => io.clock.wallMs())[method];
    if (!handler) throw runError(`${method} needs a running hub`);
    return await handler(params);
  } finally {
    await desk.close();
  }
}

import type { HubOptions, OfflineDesk, RunningHub } from './ports.ts';

/**
 * Where the command line meets the hub. Loaded when a command needs one: reading `--help` or asking a running hub for a
 * token loads neither SQLite nor Fastify.
 */
export interface HubModule {
  startHub(options: HubOptions): Promise<RunningHub>;
  openDesk(dataDir: string): Promise<OfflineDesk>;
}

export async function loadHub(): Promise<HubModule> {
  return import('../serve.ts');
}

/** Makes copies of ledgers and puts them back; neither needs a hub. */
export async function loadBackup(): Promise<typeof import('../backups.ts')> {
  return import('../backups.ts');
}

/** Opens the lines of a configuration itself; only while no hub has them. */
export async function loadCheckup(): Promise<Pick<typeof import('../checkup.ts'), 'checkDevices'>> {
  return import('../checkup.ts');
}

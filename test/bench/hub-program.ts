import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import process from 'node:process';
import type { TokenDesk } from '../../daemon/cli/ports.ts';
import { type ApplianceSettings, HOUSE, type Token } from '../../daemon/core/model.ts';
import { hashSecret, newSecret, newTokenId } from '../../daemon/http/secrets.ts';
import { createLog } from '../../daemon/observe/log.ts';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { startHub } from '../../daemon/serve.ts';
import { errorLine, loadSettings } from '../../daemon/settings/load.ts';
import type { Settings } from '../../daemon/settings/types.ts';
import { ANNA, declaredLoad } from './in-process.ts';
import { hold, wait } from './lock-crowd.ts';

/** A hub with its real doors in a process of its own, for what the command line cannot ask: a slow disk, many appliances. */

export interface HubRequest {
  readonly folder: string;
  readonly appliances: number;
  readonly commitDelayMs: number;
  /** Of a simulated board; `load-0` hangs on its first relay. Null: declared loads only. */
  readonly boardPath: string | null;
  /** Leases, and who waits for them. */
  readonly locks: number;
  readonly lockWaiters: number;
}

/** Far below the queue's bound of 1,000. */
const AT_ONCE = 500;

function settingsOf({ folder, boardPath }: HubRequest): Settings {
  const file = {
    hub: { id: 'bench', data_dir: folder },
    limits: { limit_w: 1_000_000 },
    http: { host: '127.0.0.1', port: 0 },
    mqtt: { mode: 'off' },
    buses: boardPath === null ? [] : [{ id: 'main', driver: 'modbus-coils', path: boardPath, channels: 8 }],
  };
  const loaded = loadSettings(JSON.stringify(file), { file: 'bench', folder, timezone: 'UTC' });
  if (loaded.ok) return loaded.settings;
  throw new Error(loaded.errors.map(errorLine).join('\n'));
}

function appliance(i: number, { boardPath }: HubRequest): ApplianceSettings {
  const relay = boardPath !== null && i === 0 ? { bus: 'main', channel: 1 } : null;
  // 10,000 of them fit under the limit.
  return { ...declaredLoad(`load-${i}`), circuit: HOUSE, ratedMw: 50_000, relay };
}

async function furnish(desk: TokenDesk, request: HubRequest): Promise<void> {
  for (let from = 0; from < request.appliances; from += AT_ONCE) {
    const count = Math.min(AT_ONCE, request.appliances - from);
    const added = Array.from({ length: count }, (_, i) => {
      return desk.ask({ kind: 'add_appliance', settings: appliance(from + i, request), who: ANNA });
    });
    for (const answer of await Promise.all(added)) if (!answer.ok) throw new Error(answer.refusal.detail);
  }
}

async function newToken(desk: TokenDesk): Promise<string> {
  const secret = newSecret();
  const about = { id: newTokenId(), name: 'bench', role: 'admin', use: 'api', secretHash: hashSecret(secret) } as const;
  const token: Token = { ...about, createdWallMs: systemClock.wallMs(), expiresUpMs: null };
  const answer = await desk.ask({ kind: 'create_token', token, who: { ...ANNA, role: 'admin' } });
  if (!answer.ok) throw new Error(answer.refusal.detail);
  return secret;
}

async function serve(request: HubRequest): Promise<void> {
  const hub = await startHub({
    settings: settingsOf(request),
    dataDir: request.folder,
    commitDelayMs: request.commitDelayMs,
    log: createLog('error'),
    clock: systemClock,
    bootId: randomUUID(),
    version: 'bench',
    portRetry: false,
    panelDir: join(request.folder, 'no-panel'),
    simulated: true,
    onProgress: () => undefined,
  });
  await furnish(hub.desk, request);
  await hold((input) => hub.desk.ask(input), request.locks);
  await wait((input) => hub.desk.ask(input), request.lockWaiters);
  console.log(`hub ${JSON.stringify({ url: hub.url, token: await newToken(hub.desk) })}`);
}

process.stdin.once('end', () => process.exit(0)).resume();
await serve(JSON.parse(process.argv[2] ?? '') as HubRequest);

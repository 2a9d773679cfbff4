import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { pause } from '../../relay-drivers/clock.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { realClock } from '../drivers/real-clock.ts';
import { ask, Postgres } from '../postgres/server.ts';
import { Wire } from '../postgres/wire.ts';
import { type Copying, copying, copyOf, History, Journal, MINUTE_MS, NOON_MS, tempFolder } from './fixtures.ts';

/**
 * Faults at random under load; then they stop, and Postgres must hold exactly the ledger. `VOLTSAFE_CHAOS=1` runs the long
 * one: a hub in a process of its own, killed 200 times, and Postgres 50 times. `VOLTSAFE_CHAOS_SEED` repeats one.
 */
const IS_LONG = process.env.VOLTSAFE_CHAOS === '1';
const SEED = Number(process.env.VOLTSAFE_CHAOS_SEED ?? 61);
const PROGRAM = fileURLToPath(new URL('./programs/hub.ts', import.meta.url));

let server: Postgres;
let wire: Wire;
let random: () => number;
beforeAll(async () => {
  server = await Postgres.start();
  wire = await Wire.to(server.port);
  random = seededRandom(SEED);
});
afterAll(async () => {
  await wire.close();
  await server.stop();
});

async function databaseBehindWire(): Promise<{ url: string; through: string }> {
  const url = await server.newDatabase();
  return { url, through: server.urlOf(new URL(url).pathname.slice(1), { port: wire.port }) };
}

/** What happens to the way to Postgres; each at its own moment of a batch. */
const FAULTS: readonly (() => Promise<void> | void)[] = [
  () => wire.cut(),
  () => wire.cutAfter(1 + Math.floor(random() * 20_000)),
  // The server commits, and nobody hears of it.
  async () => {
    wire.hold();
    await pause(realClock, random() * 30);
    wire.cut();
    wire.release();
  },
];

async function someFault(): Promise<void> {
  await FAULTS[Math.floor(random() * FAULTS.length)]?.();
}

async function killPostgres(): Promise<void> {
  await server.kill();
  await server.start();
}

/** `count` of one fault spread over those of another. */
function isTurnOf(turn: number, count: number, turns: number): boolean {
  return Math.floor(((turn + 1) * count) / turns) > Math.floor((turn * count) / turns);
}

describe.skipIf(IS_LONG)('a hub that is stopped at once, again and again', () => {
  it(`leaves Postgres with exactly its ledger and its history (seed ${SEED})`, { timeout: 60_000 }, async () => {
    const { url, through } = await databaseBehindWire();
    const journal = await Journal.open();
    const power = new History();
    let isOver = false;
    const load = decide(journal, power, () => isOver);
    const seen = { troubles: 0 };
    for (let turn = 0; turn < 10; turn += 1) {
      const life = copying(through, { events: journal, power, timing: { stopMs: 0 } });
      await progressOf(life, journal);
      if (isTurnOf(turn, 3, 10)) await killPostgres();
      await someFault();
      await pause(realClock, random() * 40);
      await life.replicator.stop();
      seen.troubles += life.troubles.length;
    }
    isOver = true;
    await load;
    const last = copying(through, { events: journal, power });
    await expect
      .poll(() => last.replicator.state(), { timeout: 20_000 })
      .toMatchObject({ connected: true, lag_rows: 0 });
    expect(await copyOf(url, journal)).toEqual({ rows: journal.lastSeq(), wrong: [] });
    const [minutes] = await ask(url, 'select count(*)::int as n, sum(avg_w) as sum from voltsafe.power_readings');
    expect(minutes).toEqual({ n: power.lastRev(), sum: (power.lastRev() * (power.lastRev() + 1)) / 2 });
    expect(seen.troubles).toBeGreaterThan(0);
  });

  async function decide(journal: Journal, power: History, isOver: () => boolean): Promise<void> {
    for (let turn = 0; !isOver(); turn += 1) {
      await journal.append(1 + (turn % 17));
      const minute = power.lastRev() + 1;
      power.put({ source: 'house', startMs: NOON_MS + minute * MINUTE_MS, avgMw: minute * 1000 });
      await pause(realClock, 2);
    }
  }

  async function progressOf({ replicator }: Copying, journal: Journal): Promise<void> {
    const from = journal.lastSeq();
    await vi.waitUntil(() => (replicator.state().last_seq ?? 0) > from, { timeout: 20_000, interval: 5 });
  }
});

describe.runIf(IS_LONG)('a hub process that is killed 200 times, a Postgres that is killed 50 times', () => {
  it(`leaves Postgres with exactly the ledger (seed ${SEED})`, { timeout: 3_600_000 }, async () => {
    const { url, through } = await databaseBehindWire();
    const folder = tempFolder();
    let decided = 0;
    for (let turn = 0; turn < 200; turn += 1) {
      const hub = await startHub(folder, through);
      await pause(realClock, random() * 600);
      if (random() < 0.5) await someFault();
      if (isTurnOf(turn, 50, 200)) await killPostgres();
      await pause(realClock, random() * 200);
      decided = await hub.kill();
      if (turn % 20 === 19)
        console.log(`chaos: ${turn + 1} hubs and ${(turn + 1) / 4} servers killed, ${decided} events`);
    }
    const journal = await Journal.open(folder);
    expect(journal.lastSeq()).toBeGreaterThanOrEqual(decided);
    const standing = () => ({ asOfSeq: journal.lastSeq(), appliances: [{ id: 'oven' }], locks: [] });
    const { replicator, troubles } = copying(through, { events: journal, standing });
    await expect.poll(() => replicator.state(), { timeout: 60_000 }).toMatchObject({ connected: true, lag_rows: 0 });
    expect(await copyOf(url, journal)).toEqual({ rows: journal.lastSeq(), wrong: [] });
    expect(troubles.filter(({ code }) => code === 'hash_differs')).toEqual([]);
    console.log(`chaos: ${journal.lastSeq()} events, 0 twice, 0 missing, 0 other hashes`);
  });

  async function startHub(folder: string, url: string): Promise<{ kill(): Promise<number> }> {
    const child: ChildProcess = spawn(process.execPath, [PROGRAM, folder, url], { stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    let out = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out = (out + text).slice(-200);
    });
    await vi.waitUntil(() => /open\n/.test(out) || /^\d+$/m.test(out), { timeout: 60_000, interval: 5 });
    return {
      kill: async () => {
        const gone = once(child, 'close');
        child.kill('SIGKILL');
        await gone;
        return Number(out.match(/^(\d+)\n(?![\s\S]*\d\n)/m)?.[1] ?? 0);
      },
    };
  }
});

import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect } from 'vitest';
import type { ReplicatorState } from '../../daemon/replication/port.ts';
import { ask, Postgres } from '../postgres/server.ts';
import { copyOf } from './copied.ts';
import { smallDisk, unmount } from './disks.ts';
import { type House, openHouse, PATIENTLY } from './rig.ts';

type Power = { readonly sources: readonly { readonly points: readonly { readonly covered_s: number }[] }[] };

const SMALL_MB = 4;

/** A house whose hub copies to a Postgres of its own, in moments instead of minutes (hurry.ts); its power history has a small disk. */
export class PostgresHouse {
  readonly house: House;
  readonly server: Postgres;
  /** As its owner. */
  readonly url: string;
  readonly password: string;
  /** Why the power history has no disk of its own. */
  readonly noDisk: Error | null;
  readonly #folder: string;
  #frozen: number[] = [];

  private constructor(house: House, server: Postgres, url: string, folder: string, noDisk: Error | null) {
    this.house = house;
    this.server = server;
    this.url = url;
    this.password = new URL(url).password;
    this.#folder = folder;
    this.noDisk = noDisk;
  }

  /** The server has a database, and does not run; the hub was not started, either. */
  static async open(): Promise<PostgresHouse> {
    const folder = mkdtempSync(join(tmpdir(), 'voltsafe-trouble-'));
    const server = await Postgres.start();
    const url = await server.newDatabase();
    await server.halt();
    const { username, port, pathname } = new URL(url);
    const replication = {
      url: `postgres://${username}@127.0.0.1:${port}${pathname}`,
      password_file: join(folder, 'password'),
    };
    const house = await openHouse({ replication });
    const self = new PostgresHouse(house, server, url, folder, await smallDisk(join(folder, 'disk'), SMALL_MB));
    self.writePassword(self.password);
    if (self.noDisk === null) self.#moveHistory();
    return self;
  }

  /** SQLite follows the link, and its log lies beside the file: the ledger keeps its own disk. */
  #moveHistory(): void {
    writeFileSync(join(this.disk, 'telemetry.db'), '', { mode: 0o600 });
    symlinkSync(join(this.disk, 'telemetry.db'), join(this.house.dataDir, 'telemetry.db'));
  }

  get disk(): string {
    return join(this.#folder, 'disk');
  }

  writePassword(password: string): void {
    writeFileSync(join(this.#folder, 'password'), `${password}\n`, { mode: 0o600 });
  }

  state(): Promise<ReplicatorState> {
    return this.house.api.get('/api/replication');
  }

  /** How long the house was heard, of all time; what comes late is missing still. */
  async heardS(): Promise<number> {
    const { sources } = await this.house.api.get<Power>('/api/power?source=house&resolution=minute');
    return (sources[0]?.points ?? []).reduce((sum, { covered_s }) => sum + covered_s, 0);
  }

  async metrics(): Promise<string> {
    return (await this.house.api.ask('/metrics')).text;
  }

  /** It is told everywhere where somebody looks: what is wrong, and what to do about it. */
  async says(code: string): Promise<void> {
    await expect
      .poll(() => this.state(), PATIENTLY)
      .toMatchObject({ connected: false, last_error: { code, advice: expect.stringMatching(/.{10}/) } });
    const metrics = await this.metrics();
    expect(metrics).toMatch(/^voltsafe_replication_up 0$/m);
    expect(metrics).toMatch(new RegExp(`^voltsafe_replication_error\\{code="${code}"\\} 1$`, 'm'));
    expect(this.house.hub.err).toContain(code);
  }

  /** Each is granted, reaches its relay and is recorded, whatever Postgres does. */
  async toggles(count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) {
      for (const [id, channel] of [
        ['lamp', 1],
        ['pump', 2],
      ] as const) {
        const { status, text } = await this.house.api.toggle(id, i % 2 === 0);
        expect(status, text).toBe(200);
        expect((await this.house.board.closed()).includes(channel)).toBe(i % 2 === 0);
      }
    }
  }

  /** Everything is in Postgres: exactly the ledger, and the power history as far as it was on the disk. */
  async arrived(): Promise<void> {
    const rev = Number(/^voltsafe_history_rev (\d+)$/m.exec(await this.metrics())?.[1]);
    const newest = (await this.house.api.decisions()).at(-1)?.seq ?? 0;
    await expect
      .poll(async () => {
        const { connected, last_seq, last_rev, last_error } = await this.state();
        return connected && last_error === null && (last_seq ?? 0) >= newest && (last_rev ?? 0) >= rev;
      }, PATIENTLY)
      .toBe(true);
    expect(await copyOf(this.house.dataDir, this.url)).toEqual({ rows: expect.any(Number), wrong: [] });
    expect(await this.metrics()).toMatch(/^voltsafe_replication_up 1$/m);
  }

  /** The next connection is another one. */
  async cut(): Promise<void> {
    await ask(
      this.url,
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'voltsafe-hub'`,
    );
  }

  /** SIGSTOP: it has all connections, and answers none. */
  freeze(): void {
    const [postmaster = ''] = readFileSync(join(this.server.folder, 'data', 'postmaster.pid'), 'utf8').split('\n');
    // First the one that would start others.
    process.kill(Number(postmaster), 'SIGSTOP');
    const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8');
    this.#frozen = children.trim().split(' ').map(Number);
    for (const pid of this.#frozen) process.kill(pid, 'SIGSTOP');
  }

  /** SIGKILL, also for those that stand still and would not notice. */
  async kill(): Promise<void> {
    for (const pid of this.#frozen.splice(0)) process.kill(pid, 'SIGKILL');
    await this.server.kill();
  }

  async remove(): Promise<void> {
    await this.house.remove();
    // At whatever point a test gave up: it may stand still, and nothing of it is wanted.
    await this.kill();
    if (this.noDisk === null) await unmount(this.disk);
    for (const folder of [this.#folder, this.server.folder]) rmSync(folder, { recursive: true, force: true });
  }
}

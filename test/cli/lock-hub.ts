import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, onTestFinished, vi } from 'vitest';
import { BIN, type Ended, voltsafe } from './voltsafe.ts';

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  out(): string;
  err(): string;
}

/** A hub of its own with nothing to switch, and people who each have a token of it. Whoever makes one closes it. */
export class LockHub {
  readonly folder = mkdtempSync(join(tmpdir(), 'voltsafe-lock-'));
  readonly dataDir = join(this.folder, 'data');
  #port = 0;
  #child: ChildProcess | null = null;
  #admin: string | null = null;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Known before the hub runs, and the same after each start. */
  async choosePort(): Promise<void> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    this.#port = address.port;
    await new Promise((resolve) => server.close(resolve));
  }

  async start(): Promise<void> {
    if (this.#port === 0) await this.choosePort();
    const file = join(this.folder, 'house.yaml');
    const http = { host: '127.0.0.1', port: this.#port };
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ hub: { data_dir: this.dataDir }, http, mqtt: { mode: 'off' } }));
    const child = spawn(process.execPath, [BIN, 'run', '--config', file], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
    await vi.waitFor(() => expect(out).toContain('VoltSafe Hub runs'), 30_000);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Of an administrator, made whether the hub runs or not. */
  async admin(): Promise<string> {
    const words = ['token', 'create', '--role', 'admin', '--name', 'admin by test', '--data-dir', this.dataDir];
    const { code, out, err } = await voltsafe(words);
    expect(code, err).toBe(0);
    return out.trim();
  }

  /** Of the hub that runs. */
  async token(role = 'operator'): Promise<string> {
    this.#admin ??= await this.admin();
    const made = await this.#post(this.#admin, '/api/tokens', { role, name: `${role} by test` });
    expect(made.status).toBe(201);
    return JSON.parse(await made.text()).token;
  }

  env(token: string): Record<string, string | undefined> {
    return { ...process.env, VOLTSAFE_URL: this.url, VOLTSAFE_TOKEN: token };
  }

  /** `voltsafe lock ...`, to its end. */
  lock(token: string, ...words: string[]): Promise<Ended> {
    return voltsafe(['lock', ...words], { env: this.env(token), cwd: this.folder });
  }

  /** `voltsafe lock ...`, while it runs. */
  launch(token: string, ...words: string[]): Running {
    const child = spawn(process.execPath, [BIN, 'lock', ...words], {
      env: this.env(token),
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const text = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.out += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.err += chunk));
    const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, ...text })));
    return { child, ended, out: () => text.out, err: () => text.err };
  }

  async get(token: string, resource: string): Promise<{ fencing_token: number; holding: number; waiting: number }> {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${this.url}/api/locks/${encodeURIComponent(resource)}`, { headers });
    expect(answer.status).toBe(200);
    return JSON.parse(await answer.text());
  }

  async forceRelease(admin: string, resource: string): Promise<void> {
    const path = `/api/locks/${encodeURIComponent(resource)}/force-release`;
    expect((await this.#post(admin, path, { reason: 'a test' })).status).toBe(200);
  }

  #post(token: string, path: string, body: object): Promise<Response> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return fetch(`${this.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  }
}

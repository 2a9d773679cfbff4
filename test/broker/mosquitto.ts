import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { MOSQUITTO } from './setup.ts';

/** The users of the test brokers: the hub, an integration, a device and somebody who may nothing. */
export const PASSWORDS = { voltsafe: 'hub-secret', 'home-assistant': 'ha-secret', plug1: 'plug-secret', stranger: 'x' };

/** As the README shows it to people. */
const ACCESS_LIST = `
user voltsafe
topic readwrite #

user home-assistant
topic read voltsafe/home/#
topic write voltsafe/home/appliance/+/set
topic readwrite homeassistant/#

pattern write tele/%u/#
pattern write stat/%u/#
pattern read cmnd/%u/#
`;

export interface MosquittoOptions {
  readonly isTls?: boolean;
  /** The name in its certificate. */
  readonly certifiedName?: string;
  /** Lines more for its configuration. */
  readonly more?: readonly string[];
}

/** A private Mosquitto of a test, on a free port and with a folder of its own. */
export class Mosquitto {
  readonly port: number;
  /** PEM of the authority that signed its certificate. */
  readonly ca: string | undefined;
  readonly #folder: string;
  readonly #scheme: string;
  #process: ChildProcess | null = null;

  private constructor(port: number, folder: string, isTls: boolean) {
    this.port = port;
    this.#folder = folder;
    this.#scheme = isTls ? 'mqtts' : 'mqtt';
    this.ca = isTls ? readFileSync(join(folder, 'cert.pem'), 'utf8') : undefined;
  }

  static async start({
    isTls = false,
    certifiedName = 'localhost',
    more = [],
  }: MosquittoOptions = {}): Promise<Mosquitto> {
    const folder = mkdtempSync(join(tmpdir(), 'voltsafe-mosquitto-'));
    const port = await freePort();
    if (isTls) makeCertificate(folder, certifiedName);
    writeFileSync(join(folder, 'acl'), ACCESS_LIST, { mode: 0o700 });
    writeFileSync(join(folder, 'conf'), configuration(folder, port, isTls, more));
    makePasswords(join(folder, 'passwords'));
    const broker = new Mosquitto(port, folder, isTls);
    await broker.start();
    return broker;
  }

  get url(): string {
    return `${this.#scheme}://localhost:${this.port}`;
  }

  /** Comes (back) with what it kept on disk. */
  async start(): Promise<void> {
    this.#process = spawn(MOSQUITTO, ['-c', join(this.#folder, 'conf')], { stdio: 'ignore' });
    await vi.waitFor(() => answers(this.port), { timeout: 10_000, interval: 20 });
  }

  /** As its service is stopped: it says goodbye and writes down what it keeps. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** It hangs: its port still takes connections and bytes, nobody reads them. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  async remove(): Promise<void> {
    this.thaw();
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const running = this.#process;
    this.#process = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill(signal);
    await ended;
  }
}

function configuration(folder: string, port: number, isTls: boolean, more: readonly string[]): string {
  const tls = isTls ? [`certfile ${join(folder, 'cert.pem')}`, `keyfile ${join(folder, 'key.pem')}`] : [];
  return [
    `listener ${port} localhost`,
    ...tls,
    'allow_anonymous false',
    `password_file ${join(folder, 'passwords')}`,
    `acl_file ${join(folder, 'acl')}`,
    'persistence true',
    `persistence_location ${folder}/`,
    // Otherwise it would leave root's rights, and lose its way to the folder.
    `user ${userInfo().username}`,
    ...more,
    '',
  ].join('\n');
}

function makePasswords(file: string): void {
  writeFileSync(
    file,
    Object.entries(PASSWORDS)
      .map((pair) => pair.join(':'))
      .join('\n'),
    { mode: 0o700 },
  );
  run('mosquitto_passwd', ['-U', file]);
}

function makeCertificate(folder: string, name: string): void {
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
  run('openssl', ['req', '-x509', '-days', '2', ...key, ...subject, ...files]);
}

function run(program: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr}`);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
  return address.port;
}

async function answers(port: number): Promise<void> {
  const socket = connect(port, 'localhost');
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

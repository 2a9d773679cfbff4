import { writeFileSync } from 'node:fs';
import type { PlugFaultChange } from '../../relay-drivers/simulator/plug-faults.ts';
import type { CoilTruth, Transition } from '../../relay-drivers/simulator/relay-bank.ts';
import { Client } from './client.ts';
import { Program } from './program.ts';

export interface FleetOptions {
  /** `family:name:channels:watts`, as `voltsafe simulate --plug` takes them. */
  readonly plugs: readonly string[];
  readonly broker: string;
  readonly passwords: Readonly<Record<string, string>>;
  /** One user for all of them; otherwise each is the user of its name. */
  readonly user?: string;
  /** Where the passwords are written down. */
  readonly passwordFile: string;
  /** A board of eight relays in the same process, and on the same clock: linked there. */
  readonly boardLink?: string;
}

/** A plug in truth, beside what the hub believes. */
export class PlugTruth {
  readonly #control: Client;
  readonly #path: string;

  constructor(control: Client, name: string) {
    this.#control = control;
    this.#path = `/plugs/${name}`;
  }

  /** The contacts that are closed in truth. */
  async closed(): Promise<number[]> {
    const { coils } = await this.#control.get<{ coils: CoilTruth[] }>(`${this.#path}/coils`);
    return coils.filter(({ closed }) => closed).map(({ channel }) => channel);
  }

  async log(): Promise<Transition[]> {
    return (await this.#control.get<{ log: Transition[] }>(`${this.#path}/log`)).log;
  }

  /** What came over MQTT and moved something: true for on. */
  async written(): Promise<boolean[]> {
    const moves = (await this.log()).filter(({ what, cause }) => what === 'register' && cause === 'write');
    return moves.map(({ on }) => on);
  }

  async fault(change: PlugFaultChange): Promise<void> {
    await this.#control.post(`${this.#path}/faults`, change);
  }

  /** Its own button: the relay flips, and nobody granted that. */
  async button(channel = 1): Promise<void> {
    await this.#control.post(`${this.#path}/buttons/${channel}`, {});
  }

  /** Something else is plugged in. */
  async draws(powerW: number, channel = 1): Promise<void> {
    await this.#control.post(`${this.#path}/loads/${channel}`, { power_w: powerW });
  }

  /** Its telemetry, before it is due. */
  async report(): Promise<void> {
    await this.#control.post(`${this.#path}/report`, {});
  }
}

/** Simulated plugs, and a board where one is wanted, in a process of their own: they survive the hub. */
export class Fleet {
  readonly #program: Program;
  readonly #control: Client;

  private constructor(program: Program, controlUrl: string) {
    this.#program = program;
    this.#control = new Client(controlUrl, null);
  }

  static async start({ plugs, broker, passwords, user, passwordFile, boardLink }: FleetOptions): Promise<Fleet> {
    const lines = Object.entries(passwords).map(([name, password]) => `${name}:${password}`);
    writeFileSync(passwordFile, `${lines.join('\n')}\n`, { mode: 0o600 });
    const program = new Program([
      ...['simulate', '--control', '0', '--exit-with-stdin', '--broker', broker, '--password-file', passwordFile],
      ...plugs.flatMap((plug) => ['--plug', plug]),
      ...(user === undefined ? [] : ['--user', user]),
      ...(boardLink === undefined ? [] : ['--board', 'modbus-coils', '--channels', '8', '--link', boardLink]),
    ]);
    return new Fleet(program, await program.said(/^control on (\S+)$/m));
  }

  plug(name: string): PlugTruth {
    return new PlugTruth(this.#control, name);
  }

  /** The plugs that have a connection. */
  async connected(): Promise<string[]> {
    const { plugs } = await this.#control.get<{ plugs: { name: string; connected: boolean }[] }>('/plugs');
    return plugs.filter(({ connected }) => connected).map(({ name }) => name);
  }

  /** Of the board. */
  async boardLog(): Promise<Transition[]> {
    return (await this.#control.get<{ log: Transition[] }>('/log')).log;
  }

  /** A switch on the wall, wired to an input of the board. */
  async input(input: number, pressed: boolean): Promise<void> {
    await this.#control.post(`/inputs/${input}`, { pressed });
  }

  async remove(): Promise<void> {
    this.#control.close();
    await this.#program.kill();
  }
}

import type { FaultChange } from '../../relay-drivers/simulator/faults.ts';
import type { CoilTruth, Transition } from '../../relay-drivers/simulator/relay-bank.ts';
import { Client } from './client.ts';
import { Program } from './program.ts';

export type { Transition } from '../../relay-drivers/simulator/relay-bank.ts';

/** A simulated board in a process of its own, on a pseudo terminal at 9600 baud: it survives the hub. */
export class Board {
  readonly #program: Program;
  readonly #control: Client;

  private constructor(program: Program, controlUrl: string) {
    this.#program = program;
    this.#control = new Client(controlUrl, null);
  }

  static async start(link: string, channels = 8): Promise<Board> {
    const words = ['simulate', '--board', 'modbus-coils', '--channels', String(channels), '--link', link];
    const program = new Program([...words, '--control', '0', '--exit-with-stdin']);
    return new Board(program, await program.said(/^control on (\S+)$/m));
  }

  /** The contacts that are closed in truth. */
  async closed(): Promise<number[]> {
    const { coils } = await this.#control.get<{ coils: CoilTruth[] }>('/coils');
    return coils.filter(({ closed }) => closed).map(({ channel }) => channel);
  }

  /** Every move of a register or a contact. */
  async log(): Promise<Transition[]> {
    return (await this.#control.get<{ log: Transition[] }>('/log')).log;
  }

  /** What the hub moved on a channel: true for on. */
  async written(channel: number): Promise<boolean[]> {
    const log = await this.log();
    const moves = log.filter((move) => move.channel === channel && move.what === 'register' && move.cause === 'write');
    return moves.map(({ on }) => on);
  }

  async fault(change: FaultChange): Promise<void> {
    await this.#control.post('/faults', change);
  }

  /** A switch on the wall, wired to an input of the board. */
  async input(input: number, pressed: boolean): Promise<void> {
    await this.#control.post(`/inputs/${input}`, { pressed });
  }

  /** The board's own button: the relay moves, and nobody granted that. */
  async button(channel: number): Promise<void> {
    await this.#control.post(`/buttons/${channel}`, {});
  }

  /** The cable is out, or the board is gone: its port vanishes. */
  async unplug(): Promise<void> {
    this.#control.close();
    await this.#program.kill();
  }
}

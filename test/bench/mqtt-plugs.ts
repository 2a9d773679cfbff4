import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Login } from './mqtt-client.ts';
import type { PlugsNews, PlugsOrder, Total } from './mqtt-plugs-program.ts';
import type { Place } from './place.ts';

const PROGRAM = fileURLToPath(new URL('./mqtt-plugs-program.ts', import.meta.url));

/** The plugs, in a process of their own. */
export class Plugs {
  /** A relay moved; on the clock of mqtt-client.ts. */
  onSwitched: (plug: string, isOn: boolean, atMs: number) => void = () => undefined;
  readonly #child: ChildProcess;
  #heard: (news: PlugsNews) => void = () => undefined;

  constructor(place: Place) {
    this.#child = fork(PROGRAM, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (news: PlugsNews) => {
      if (news.kind === 'switched') this.onSwitched(news.plug, news.isOn, news.atMs);
      else this.#heard(news);
    });
    place.atEnd(() => this.#end());
  }

  /** Resolves when they are connected, and have told of themselves. */
  async connect(logins: readonly Login[]): Promise<void> {
    await this.#ask({ kind: 'connect', logins });
  }

  report(): void {
    this.#child.send({ kind: 'report' } satisfies PlugsOrder);
  }

  /** Of all reports, and how many of them the broker took. */
  async stop(): Promise<Total> {
    const news = await this.#ask({ kind: 'stop' });
    if (news.kind !== 'stopped') throw new Error(`the plugs said ${news.kind} when they were stopped`);
    return news;
  }

  #ask(order: PlugsOrder): Promise<PlugsNews> {
    return new Promise((resolve, reject) => {
      this.#child.once('exit', () => reject(new Error('the process of the plugs has ended')));
      this.#heard = resolve;
      this.#child.send(order);
    });
  }

  async #end(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await gone;
  }
}

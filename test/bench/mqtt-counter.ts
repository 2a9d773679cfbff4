import { systemClock } from '../../daemon/observe/system-clock.ts';
import { pause } from '../../relay-drivers/clock.ts';
import { type Login, MqttLine, sharedNowMs } from './mqtt-client.ts';
import { MARK } from './mqtt-plug.ts';

const LAST_MS = 30_000;

/** Hears every report at QoS 1, counts what is missing, and times what is not. */
export class Counter {
  heard = 0;
  /** Not the next of its topic: one was lost, or came twice, or overtook another. */
  outOfOrder = 0;
  readonly #line: MqttLine;
  readonly #last = new Map<string, number>();
  #lateMs: number[] = [];

  private constructor(line: MqttLine) {
    this.#line = line;
    line.onPublish = (topic, payload) => this.#hear(topic, payload);
  }

  static async open(login: Login): Promise<Counter> {
    const counter = new Counter(await MqttLine.open(login));
    await counter.#line.subscribe(['tele/#']);
    return counter;
  }

  /** From the plug to here, of each report since the last time. */
  takeMs(): number[] {
    const taken = this.#lateMs;
    this.#lateMs = [];
    return taken;
  }

  /** Resolves when it has so many, or when no more will come. */
  async until(count: number): Promise<void> {
    const untilMs = sharedNowMs() + LAST_MS;
    while (this.heard < count && sharedNowMs() < untilMs) await pause(systemClock, 10);
  }

  close(): void {
    this.#line.close();
  }

  #hear(topic: string, payload: Buffer): void {
    const [, sent, number] = MARK.exec(payload.toString('latin1', Math.max(0, payload.length - 50))) ?? [];
    // A birth, a will.
    if (sent === undefined) return;
    this.heard += 1;
    if (Number(number) !== (this.#last.get(topic) ?? 0) + 1) this.outOfOrder += 1;
    this.#last.set(topic, Number(number));
    this.#lateMs.push(sharedNowMs() - Number(sent));
  }
}

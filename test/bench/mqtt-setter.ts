import { systemClock } from '../../daemon/observe/system-clock.ts';
import { pause } from '../../relay-drivers/clock.ts';
import { type Login, MqttLine, sharedNowMs, type Words } from './mqtt-client.ts';

/** How a plug is told: through the hub, or straight away. */
export interface Way {
  readonly filters: readonly string[];
  words(plug: string, isOn: boolean, request: string): Words;
  /** Told of a request that it is done; null: it is something else. */
  confirmed(topic: string, payload: Buffer): { readonly request: string; readonly isFine: boolean } | null;
}

interface UnderWay {
  readonly plug: string;
  readonly isOn: boolean;
  readonly sentMs: number;
  isSwitched: boolean;
  isConfirmed: boolean;
}

/** What is not there by then is counted as lost. */
const PATIENCE_MS = 30_000;

/** Switches plugs at random, so many in a second. A plug is left alone until it was done. */
export class Setter {
  sent = 0;
  refused = 0;
  readonly #line: MqttLine;
  readonly #way: Way;
  readonly #plugs: readonly string[];
  readonly #random: () => number;
  readonly #states = new Map<string, boolean>();
  readonly #underWay = new Map<string, UnderWay>();
  readonly #ofPlug = new Map<string, UnderWay>();
  #switchedMs: number[] = [];
  #confirmedMs: number[] = [];
  #isOver = false;

  private constructor(line: MqttLine, way: Way, plugs: readonly string[], random: () => number) {
    this.#line = line;
    this.#way = way;
    this.#plugs = plugs;
    this.#random = random;
    line.onPublish = (topic, payload) => this.#hear(topic, payload);
  }

  static async open(login: Login, way: Way, plugs: readonly string[], random: () => number): Promise<Setter> {
    const setter = new Setter(await MqttLine.open(login), way, plugs, random);
    if (way.filters.length > 0) await setter.#line.subscribe(way.filters);
    return setter;
  }

  async run(perS: number): Promise<void> {
    const startedMs = sharedNowMs();
    for (let asked = 0; !this.#isOver; await pause(systemClock, 5)) {
      const due = Math.floor(((sharedNowMs() - startedMs) * perS) / 1000);
      for (; asked < due; asked += 1) this.#set();
    }
  }

  switched(plug: string, isOn: boolean, atMs: number): void {
    const one = this.#ofPlug.get(plug);
    if (one === undefined || one.isSwitched || one.isOn !== isOn) return;
    one.isSwitched = true;
    this.#switchedMs.push(atMs - one.sentMs);
    this.#forgetIfDone(one);
  }

  /** Since the last time. */
  take(): { readonly switchedMs: readonly number[]; readonly confirmedMs: readonly number[] } {
    const taken = { switchedMs: this.#switchedMs, confirmedMs: this.#confirmedMs };
    this.#switchedMs = [];
    this.#confirmedMs = [];
    return taken;
  }

  /** How many were never done. */
  async stop(): Promise<number> {
    this.#isOver = true;
    const untilMs = sharedNowMs() + PATIENCE_MS;
    while (this.#ofPlug.size > 0 && sharedNowMs() < untilMs) await pause(systemClock, 10);
    this.#line.close();
    return this.#ofPlug.size;
  }

  #set(): void {
    const plug = this.#plugs[Math.floor(this.#random() * this.#plugs.length)] ?? '';
    if (this.#ofPlug.has(plug)) return;
    const isOn = this.#states.get(plug) !== true;
    this.sent += 1;
    const request = String(this.sent);
    const one = { plug, isOn, sentMs: sharedNowMs(), isSwitched: false, isConfirmed: this.#way.filters.length === 0 };
    this.#states.set(plug, isOn);
    this.#ofPlug.set(plug, one);
    this.#underWay.set(request, one);
    this.#line.publish(this.#way.words(plug, isOn, request));
  }

  #hear(topic: string, payload: Buffer): void {
    const told = this.#way.confirmed(topic, payload);
    const one = told === null ? undefined : this.#underWay.get(told.request);
    if (told === null || one === undefined) return;
    this.#underWay.delete(told.request);
    one.isConfirmed = true;
    if (told.isFine) this.#confirmedMs.push(sharedNowMs() - one.sentMs);
    else {
      this.refused += 1;
      one.isSwitched = true;
    }
    this.#forgetIfDone(one);
  }

  #forgetIfDone(one: UnderWay): void {
    if (one.isSwitched && one.isConfirmed) this.#ofPlug.delete(one.plug);
  }
}

/** As Home Assistant does it: it hears all that the hub says. */
export function throughHub(hubId: string): Way {
  return {
    filters: [`voltsafe/${hubId}/#`],
    words: (plug, isOn, request) => ({
      topic: `voltsafe/${hubId}/appliance/${plug}/set`,
      payload: JSON.stringify({ is_on: isOn, request_id: request }),
      qos: 1,
    }),
    confirmed: (topic, payload) => {
      if (!topic.endsWith('/result')) return null;
      const { request_id: request, phase, accepted } = JSON.parse(payload.toString());
      return phase === 'decided' && accepted ? null : { request, isFine: phase === 'confirmed' && accepted };
    },
  };
}

export const STRAIGHT: Way = {
  filters: [],
  words: (plug, isOn) => ({ topic: `cmnd/${plug}/POWER1`, payload: isOn ? 'ON' : 'OFF' }),
  confirmed: () => null,
};

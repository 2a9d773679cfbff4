import assert from 'node:assert/strict';
import type { DriverError, Proof, Terms } from '../../relay-drivers/driver.ts';
import type { MeterReading } from '../../relay-drivers/meter.ts';
import { Plug, type PlugParts } from '../../relay-drivers/plugs/plug.ts';
import type { PlugProtocol } from '../../relay-drivers/plugs/protocol.ts';
import { SimulatedPlug } from '../../relay-drivers/simulator/plug.ts';
import type { PlugFlavour } from '../../relay-drivers/simulator/plug-twin.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { MemoryBroker, type Routed } from '../../relay-drivers/transport/memory-mqtt.ts';
import type { MqttPort } from '../../relay-drivers/transport/mqtt.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { asDriverError } from './case.ts';
import { connectIn } from './plug-connect.ts';
import { PlugTruth } from './plug-truth.ts';

/** A family of devices on MQTT with a twin of it: what the cases of the suite are run on. */
export interface PlugSubject {
  /** In the titles of tests. */
  readonly name: string;
  readonly flavour: PlugFlavour;
  readonly channels: number;
  /** A new one each time, as after a start of the hub. */
  create(): PlugProtocol;
  /** Its power is rounded to this. */
  readonly powerStepMw: number;
  /** A number in quotes is a number to it, where the configuration says so. */
  readonly readsQuoted?: true;
  /** Otherwise a `Plug`; what `bites` puts in its place. */
  readonly drive?: (parts: PlugParts) => Plug;
}

export interface Sent {
  readonly topic: string;
  readonly payload: string;
  readonly atMs: number;
}

export type PlugOutcome =
  | { readonly kind: 'set'; readonly proof: Proof }
  | { readonly kind: 'read'; readonly states: readonly boolean[] }
  | { readonly kind: 'failed'; readonly failure: DriverError };

export const NAME = 'plug-1';
export const LOADS_W = [1234.5, 60, 0.5, 2300, 5, 7, 9, 11];

/** What may lie between a word of the plug and the hub's ear, where no fault makes it longer. */
const PROMPT_MS = 1000;

/** A device, a broker and a plug of the hub. Every word of the plug is held against what the device was; `lies` are what was not so. */
export class PlugWorld {
  readonly subject: PlugSubject;
  readonly clock = new VirtualClock();
  readonly broker = new MemoryBroker();
  readonly twin: SimulatedPlug;
  readonly truth: PlugTruth;
  /** What the hub sent, and what the device said. */
  readonly sent: Sent[] = [];
  readonly said: Routed[] = [];
  readonly reports: { readonly channel: number; readonly isOn: boolean; readonly atMs: number }[] = [];
  readonly readings: { readonly channel: number; readonly reading: MeterReading; readonly atMs: number }[] = [];
  readonly openings: boolean[] = [];
  readonly lies: string[] = [];
  /** A fault makes words come so much later. */
  lateMs = 0;
  plug: Plug;

  constructor(subject: PlugSubject) {
    this.subject = subject;
    const { clock, broker } = this;
    const settings = { name: NAME, flavour: subject.flavour, channels: subject.channels, loadsW: LOADS_W };
    this.twin = new SimulatedPlug(settings, {
      connect: connectIn(broker, NAME, clock),
      clock,
      random: seededRandom(1),
    });
    this.truth = new PlugTruth(this.twin, clock);
    broker.watch((message) => {
      if (message.from === NAME) this.said.push(message);
      if (message.from === 'hub') this.sent.push({ ...message, atMs: clock.nowMs() });
    });
    this.plug = this.#makePlug();
  }

  get canBeAsked(): boolean {
    return this.protocol.queries(0).length > 0;
  }

  /** Neither its states nor whether it is there can be asked: what is kept of it counts once it said something by itself. */
  get isMute(): boolean {
    return !this.canBeAsked && this.protocol.knocks === undefined;
  }

  /** Another one of the same settings: for what it is, not for what it heard. */
  get protocol(): PlugProtocol {
    return this.subject.create();
  }

  get hasKeptWill(): boolean {
    return this.subject.flavour(NAME, this.subject.channels).will.isRetained === true;
  }

  get lastChannel(): number {
    return this.subject.channels;
  }

  /** What the hub sent to switch something, and not to ask. */
  get commands(): Sent[] {
    const shape = (payload: string) => payload.replace(/\d+/g, '0');
    const { protocol } = this;
    const asked = [...protocol.queries(0), ...(protocol.knocks?.(Number.POSITIVE_INFINITY) ?? [])];
    const questions = asked.map(({ topic, payload }) => `${topic} ${shape(payload)}`);
    return this.sent.filter(({ topic, payload }) => !questions.includes(`${topic} ${shape(payload)}`));
  }

  coils(): boolean[] {
    return this.twin.coils().map(({ closed }) => closed);
  }

  async begin(): Promise<void> {
    this.twin.start();
    await this.clock.until(() => this.twin.isConnected);
    this.plug.start();
    await this.clock.until(() => this.plug.isOpen);
    if (this.isMute) this.twin.report();
    await this.clock.advance(PROMPT_MS);
  }

  /** The hub starts anew, and knows nothing. */
  restartHub(): void {
    this.plug.close();
    this.plug = this.#makePlug();
    this.plug.start();
  }

  close(): void {
    this.plug.close();
    this.twin.close();
  }

  /** Not awaited: what is under way while the case goes on. */
  set(channel: number, isOn: boolean, more: Partial<Terms> = {}): Promise<PlugOutcome> {
    const terms = this.#terms(isOn ? 'on' : 'off', more);
    return this.#outcome(async () => {
      const proof = await this.plug.setCoil(channel, isOn, terms);
      this.#acknowledged(channel, isOn);
      return { kind: 'set', proof };
    });
  }

  read(more: Partial<Terms> = {}): Promise<PlugOutcome> {
    let startedMs = Number.NaN;
    const started = (): void => {
      startedMs = this.clock.nowMs();
      more.started?.();
    };
    return this.#outcome(async () => {
      const states = await this.plug.readCoils(this.#terms('read', { ...more, started }));
      if (states.length !== this.subject.channels) this.lies.push(`${states.length} states were read`);
      if (Number.isNaN(startedMs)) this.lies.push('a reading did not say when it started');
      states.forEach((isOn, index) => {
        if (!this.truth.wasSo(index + 1, isOn, startedMs - this.lateMs))
          this.lies.push(`read relay ${index + 1} ${isOn ? 'on' : 'off'}: it was not so since it was asked`);
      });
      return { kind: 'read', states };
    });
  }

  /** Switched, proven, and really so. */
  async obeys(channel: number, isOn: boolean): Promise<void> {
    const outcome = await this.clock.settled(this.set(channel, isOn));
    assert.deepEqual(outcome, { kind: 'set', proof: 'acknowledged' }, `set ${channel} ${isOn ? 'on' : 'off'}`);
    assert.equal(this.coils()[channel - 1], isOn);
  }

  async fails(promise: Promise<PlugOutcome>, code: DriverError['code']): Promise<void> {
    const outcome = await this.clock.settled(promise);
    assert.equal(outcome.kind === 'failed' ? outcome.failure.code : outcome.kind, code);
  }

  async readsTrue(): Promise<void> {
    const outcome = await this.clock.settled(this.read());
    assert.deepEqual(outcome, { kind: 'read', states: this.coils() });
  }

  /** It is asked and obeys, and everything said of it is true. */
  async works(): Promise<void> {
    await this.readsTrue();
    await this.obeys(1, !this.coils()[0]);
    await this.readsTrue();
    this.honest();
  }

  honest(): void {
    assert.deepEqual(this.lies, []);
  }

  #acknowledged(channel: number, isOn: boolean): void {
    if (this.coils()[channel - 1] !== isOn)
      this.lies.push(`relay ${channel} ${isOn ? 'on' : 'off'} was acknowledged, and it is not so`);
  }

  #terms(priority: Terms['priority'], more: Partial<Terms>): Terms {
    return { priority, stillValid: () => true, ...more };
  }

  async #outcome(ask: () => Promise<PlugOutcome>): Promise<PlugOutcome> {
    try {
      return await ask();
    } catch (failure) {
      return { kind: 'failed', failure: asDriverError(failure, this.lies) };
    }
  }

  #makePlug(): Plug {
    const { subject, clock } = this;
    const { drive = (parts: PlugParts) => new Plug(parts) } = subject;
    const port: MqttPort = this.broker.port('hub');
    const onFault = (what: string) => this.lies.push(what);
    const plug = drive({ id: NAME, port, clock, protocol: subject.create(), onFault });
    plug.onStateChange(({ isOpen }) => this.openings.push(isOpen));
    plug.onReport((channel, isOn) => this.#reported(channel, isOn));
    plug.onPower((channel, reading) => this.#measured(channel, reading));
    return plug;
  }

  #reported(channel: number, isOn: boolean): void {
    const atMs = this.clock.nowMs();
    this.reports.push({ channel, isOn, atMs });
    if (!this.truth.wasSo(channel, isOn, atMs - PROMPT_MS - this.lateMs))
      this.lies.push(`relay ${channel} was told ${isOn ? 'on' : 'off'}, and it was not so`);
  }

  #measured(channel: number, reading: MeterReading): void {
    const atMs = this.clock.nowMs();
    this.readings.push({ channel, reading, atMs });
    for (const powerMw of [reading.powerMw, ...reading.phases.map((phase) => phase.powerMw)])
      if (powerMw !== null && !this.#drew(channel, powerMw, atMs)) this.lies.push(`${channel} was told ${powerMw} mW`);
    const told = [reading.energyImportMwh, reading.energyExportMwh, ...reading.phases.flatMap(Object.values)];
    for (const value of told)
      if (value !== null && (!Number.isSafeInteger(value) || Object.is(value, -0))) this.lies.push(`${value} was told`);
  }

  #drew(channel: number, powerMw: number, atMs: number): boolean {
    if (!Number.isSafeInteger(powerMw) || Object.is(powerMw, -0)) return false;
    const { powerStepMw } = this.subject;
    return this.truth.drew(channel, powerMw, atMs - PROMPT_MS - this.lateMs, powerStepMw / 2);
  }
}

/** A world that works; closed whatever happens. What was said of the device must have been true. */
export async function inPlugWorld(subject: PlugSubject, run: (world: PlugWorld) => Promise<void>): Promise<void> {
  const world = new PlugWorld(subject);
  try {
    await world.begin();
    await world.readsTrue();
    await run(world);
    world.honest();
  } finally {
    world.close();
  }
}

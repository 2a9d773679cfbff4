import { type Clock, pause } from '../clock.ts';
import type { Parity, PortSettings } from '../transport/address.ts';
import type { PortOpener } from '../transport/open.ts';
import type { Finding } from './finding.ts';
import { Caution } from './harmless.ts';
import { DETECTORS, type Detector, identify, scanDetectors } from './modbus.ts';
import { Talk } from './talk.ts';
import { listenForTelegrams, PUSHED_FORMATS } from './telegrams.ts';
import { FILLER, lcusInWords, type OnRequest, onRequest } from './unaddressed.ts';

/** The order is that of the factories: most boards, then meters of 2400 baud, then what people set. */
const BAUDS = [9600, 2400, 19_200, 115_200, 38_400, 4800] as const;
/** A P1 meter of version 5 talks each second, SML heads every one to four. */
const LISTEN_MS = 3000;
const AT_MOST_MS = 20_000;
/** Where one device answers, others may share the line: these addresses are what people give them. */
const NEIGHBOURS = [1, 8] as const;
/** A serial port is closed in the background; opened before that, it is locked by ourselves. */
const CLOSING_MS = 100;

export interface FindOptions {
  readonly openPort: PortOpener;
  readonly clock: Clock;
  /** Only this rate, and this parity; the usual ones when absent. */
  readonly baud?: number;
  readonly parity?: Parity;
  /** Every unit address from the first to the last. */
  readonly scan?: readonly [first: number, last: number];
  /** Boards without address that their owner says may be there. */
  readonly ask?: readonly OnRequest[];
  /** The owner says that this port is a Modbus line: no question has to be held back. */
  readonly isModbus?: boolean;
  /** 0: a port that is asked only. */
  readonly listenMs?: number;
  readonly progress?: (words: string) => void;
}

export interface PortReport {
  readonly path: string;
  /** Null when it opened. */
  readonly closedBecause: string | null;
  readonly findings: readonly Finding[];
  /** Bytes came that no driver makes anything of. */
  readonly isBabbling: boolean;
  /** Unit addresses of a scan that were left out, since their frames could switch another kind of board. */
  readonly leftOut: readonly number[];
  readonly isTimeUp: boolean;
}

/** What answers on a port. Reads only; the README says why no question can switch anything. */
export async function findOn(path: string, options: FindOptions): Promise<PortReport> {
  return new PortSearch(path, options).run();
}

class PortSearch {
  readonly #path: string;
  readonly #options: FindOptions;
  readonly #endMs: number;
  readonly #caution = new Caution();
  readonly #findings: Finding[] = [];
  readonly #leftOut = new Set<number>();
  #closedBecause: string | null = null;
  #isBabbling = false;

  constructor(path: string, options: FindOptions) {
    this.#path = path;
    this.#options = options;
    this.#endMs = options.scan === undefined ? options.clock.nowMs() + AT_MOST_MS : Number.POSITIVE_INFINITY;
  }

  async run(): Promise<PortReport> {
    for (const format of this.#pushedFormats()) await this.#at(format, (talk) => this.#listen(talk));
    for (const format of this.#askedFormats()) await this.#at(format, (talk) => this.#askAll(talk));
    return {
      path: this.#path,
      closedBecause: this.#closedBecause,
      findings: this.#findings,
      isBabbling: this.#isBabbling && this.#findings.length === 0,
      leftOut: [...this.#leftOut],
      isTimeUp: this.#isTimeUp,
    };
  }

  get #isTimeUp(): boolean {
    return this.#options.clock.nowMs() >= this.#endMs;
  }

  /** The first thing that is found ends the search: on one port, everybody speaks at one rate. */
  get #isOver(): boolean {
    return this.#isTimeUp || this.#closedBecause !== null || this.#findings.length > 0;
  }

  #pushedFormats(): PortSettings[] {
    const { baud, parity, listenMs = LISTEN_MS } = this.#options;
    if (listenMs === 0) return [];
    return PUSHED_FORMATS.filter((format) => baud === undefined || format.baud === baud)
      .filter((format) => parity === undefined || format.parity === parity)
      .map((format) => ({ path: this.#path, ...format }));
  }

  #askedFormats(): PortSettings[] {
    const { baud, parity = 'none' } = this.#options;
    const bauds = baud === undefined ? BAUDS : [baud];
    return bauds.map((one) => ({ path: this.#path, baud: one, parity }));
  }

  async #at(format: PortSettings, search: (talk: Talk) => Promise<void>): Promise<void> {
    if (this.#isOver) return;
    const { openPort, clock } = this.#options;
    try {
      const talk = new Talk(await openPort(format)(), format, clock);
      await search(talk).finally(() => talk.close());
      await pause(clock, CLOSING_MS);
      this.#isBabbling ||= talk.heardAnything;
    } catch (error) {
      this.#closedBecause = error instanceof Error ? error.message : String(error);
    }
  }

  async #listen(talk: Talk): Promise<void> {
    this.#say(talk, 'listening');
    const kind = await listenForTelegrams(talk, this.#options.listenMs ?? LISTEN_MS);
    if (kind !== null) this.#found(talk, null, kind);
  }

  async #askAll(talk: Talk): Promise<void> {
    const { baud, parity } = talk.format;
    this.#say(talk, 'asking');
    const { scan } = this.#options;
    for (const detector of scan === undefined ? DETECTORS : this.#scanned(scan, talk)) {
      if (this.#isTimeUp) return;
      await this.#detect(talk, detector);
      if (this.#findings.length > 0 && this.#options.scan === undefined) return this.#askNeighbours(talk);
    }
    const mayHaveNoAddress = this.#options.isModbus !== true && baud === 9600 && parity === 'none';
    if (this.#findings.length === 0 && mayHaveNoAddress) await this.#askUnaddressed(talk);
  }

  async #askNeighbours(talk: Talk): Promise<void> {
    for (const detector of this.#scanned(NEIGHBOURS, talk)) {
      if (this.#isTimeUp) return;
      await this.#detect(talk, detector);
    }
  }

  /** One question for each address: the first that may leave. */
  *#scanned([first, last]: readonly [number, number], { format }: Talk): Generator<Detector> {
    for (let unit = first; unit <= last; unit += 1) {
      const detector = scanDetectors(unit).find(({ request }) => this.#mayLeave(request, format));
      if (detector === undefined) this.#leftOut.add(unit);
      else yield detector;
    }
  }

  /** Where something spoke Modbus, nothing on this port is told by bytes. */
  #mayLeave(request: Uint8Array, format: PortSettings): boolean {
    if (this.#options.isModbus === true) return true;
    return this.#findings.length > 0 || this.#caution.allows(request, format);
  }

  async #detect(talk: Talk, { request, parse }: Detector): Promise<void> {
    if (!this.#mayLeave(request, talk.format)) return;
    this.#caution.sent(request, talk.format);
    const unit = await talk.ask(request, parse);
    if (unit === null || this.#findings.some((finding) => finding.unit === unit)) return;
    this.#found(talk, unit, await identify(talk, unit));
  }

  async #askUnaddressed(talk: Talk): Promise<void> {
    const inWords = await lcusInWords(talk);
    this.#caution.sent(Uint8Array.of(0xff, ...FILLER), talk.format);
    if (inWords !== null) return this.#found(talk, null, inWords);
    for (const family of this.#options.ask ?? []) {
      const kind = await onRequest(talk, family);
      if (kind !== null) return this.#found(talk, null, kind);
    }
  }

  #found(talk: Talk, unit: number | null, kind: Pick<Finding, 'role' | 'driver' | 'settings' | 'says'>): void {
    const { baud, parity } = talk.format;
    this.#findings.push({ ...kind, baud, parity, unit });
    this.#options.progress?.(`${this.#path}: ${kind.says}`);
  }

  #say({ format: { baud, parity } }: Talk, doing: string): void {
    this.#options.progress?.(`${this.#path}: ${doing} at ${baud} baud, parity ${parity}`);
  }
}

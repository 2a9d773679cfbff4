import { type Bus, createBuses, linesOf } from '../relay-drivers/buses.ts';
import { type Clock, pause } from '../relay-drivers/clock.ts';
import { Diagnosis, type Fault, type Wiring } from '../relay-drivers/diagnose.ts';
import { DriverError, type Terms } from '../relay-drivers/driver.ts';
import { remedyFor, sayRemedy } from '../relay-drivers/find/remedy.ts';
import type { LineState } from '../relay-drivers/line/exchange.ts';
import { unitOf } from '../relay-drivers/registry.ts';
import type { PortOpener } from '../relay-drivers/transport/open.ts';
import type { Metered } from './meters/port.ts';
import { openMeters } from './open-meters.ts';
import type { Settings } from './settings/types.ts';

/** A board or meter of the configuration, as it answered when no hub ran. */
export interface DeviceCheck {
  readonly name: string;
  readonly isWell: boolean;
  readonly what: string;
  readonly advice: string | null;
}

export interface Checkup {
  readonly devices: readonly DeviceCheck[];
  /** Lines that are asked more than they can carry. */
  readonly warnings: readonly string[];
}

export interface CheckupDeps {
  readonly clock: Clock;
  readonly openPort: PortOpener;
  readonly progress: (words: string) => void;
}

/** One answer may be lost; a collision of two with one address may once in a while go well. */
const TRIES = 6;
/** Longer than a port takes to open, or to say that it does not. */
const OPENING_MS = 11_000;
/** Serial ports are closed in the background. */
const CLOSING_MS = 250;
const TELEGRAM_PERIODS = 2.5;
const TERMS: Terms = { priority: 'read', stillValid: () => true };

/** What other settings may cure. */
const CURABLE: readonly Fault['code'][] = ['silence', 'echo', 'noise', 'stranger'];

interface Asked {
  readonly name: string;
  readonly wiring: Wiring | null;
  readonly check: DeviceCheck;
  /** Other settings may make it answer. */
  readonly mayBeElsewhere: boolean;
}

/** Opens the configured lines, reads each device a few times and closes them; then looks for what is silent. Reads only. */
export async function checkDevices({ buses, meters }: Settings, deps: CheckupDeps): Promise<Checkup> {
  const opened = createBuses(buses, deps);
  const metered = openMeters(meters, { ...deps, buses: opened });
  const ports = [...linesOf(opened.values()), ...metered.ports];
  for (const port of ports) port.start();
  const asked: Asked[] = [];
  for (const bus of opened.values()) asked.push(await askBoard(bus, deps));
  for (const meter of metered.meters) asked.push(await askMeter(meter, deps));
  for (const port of ports) port.close();
  await pause(deps.clock, CLOSING_MS);
  const devices: DeviceCheck[] = [];
  for (const one of asked) devices.push(one.mayBeElsewhere ? await lookedFor(one, asked, deps) : one.check);
  return { devices, warnings: metered.warnings };
}

async function askBoard({ id, settings, driver, line }: Bus, { clock, progress }: CheckupDeps): Promise<Asked> {
  const name = `board ${id}`;
  const wiring = { ...settings, unit: unitOf(settings) };
  progress(`asking ${name} on ${wiring.path}`);
  const closed = await closedBecause(line, clock);
  if (closed !== null) return unopened(name, wiring, closed);
  return tried(name, wiring, async () => {
    const coils = await driver.readCoils(TERMS);
    const on = coils.flatMap((isOn, index) => (isOn ? [index + 1] : []));
    return `answers: ${coils.length} relays, ${on.length === 0 ? 'all off' : `on: ${on.join(', ')}`}`;
  });
}

async function askMeter({ meter, wiring, periodMs }: Metered, { clock, progress }: CheckupDeps): Promise<Asked> {
  const name = `meter ${meter.id}`;
  progress(`asking ${name}${wiring === null ? '' : ` on ${wiring.path}`}`);
  const closed = await closedBecause(meter.opening, clock);
  if (closed !== null) return unopened(name, wiring, closed);
  if (meter.kind === 'polled')
    return tried(name, wiring, async () => sayPower((await meter.driver.read(TERMS)).powerMw));
  return { name, wiring, check: await listened(name, meter, periodMs, clock), mayBeElsewhere: false };
}

/** Well when it answered most of the times: one reply may be lost. */
async function tried(name: string, wiring: Wiring | null, ask: () => Promise<string>): Promise<Asked> {
  const diagnosis = new Diagnosis(wiring);
  const answers: string[] = [];
  const well = (what: string): Asked => ({
    name,
    wiring,
    check: { name, isWell: true, what, advice: null },
    mayBeElsewhere: false,
  });
  for (let turn = 0; turn < TRIES; turn += 1) {
    try {
      answers.push(await ask());
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      if (error.code === 'no_read_back') return well(`can be told, not asked: ${error.advice}`);
      diagnosis.failed(error);
    }
  }
  const what = answers.at(-1);
  if (what !== undefined && answers.length >= TRIES - 1) return well(what);
  const { fault } = diagnosis;
  const often = answers.length === 0 ? '' : ` (${answers.length} of ${TRIES} times it answered)`;
  return {
    name,
    wiring,
    check: {
      name,
      isWell: false,
      what: `${fault?.what ?? 'it does not answer'}${often}`,
      advice: fault?.advice ?? null,
    },
    mayBeElsewhere: answers.length === 0 && fault !== null && CURABLE.includes(fault.code),
  };
}

type Pushed = Extract<Metered['meter'], { kind: 'pushed' }>;

async function listened(name: string, meter: Pushed, periodMs: number, clock: Clock): Promise<DeviceCheck> {
  const forMs = TELEGRAM_PERIODS * periodMs;
  const { promise, resolve } = Promise.withResolvers<string | null>();
  let damage: string | null = null;
  meter.onReading(({ powerMw }) => resolve(sayPower(powerMw)));
  meter.onDamaged((reason) => {
    damage = reason;
  });
  const cancel = clock.after(forMs, () => resolve(null));
  const what = await promise;
  cancel();
  if (what !== null) return { name, isWell: true, what, advice: null };
  if (damage !== null)
    return {
      name,
      isWell: false,
      what: `its telegrams come damaged (${damage})`,
      advice: 'check baud rate, parity, data bits and cable',
    };
  return {
    name,
    isWell: false,
    what: `nothing that it sends was understood in ${forMs / 1000} s`,
    advice:
      'check its cable, that its port is activated, baud rate and parity; voltsafe ports listens at the usual ones',
  };
}

function sayPower(powerMw: number): string {
  return `answers: ${powerMw / 1000} W`;
}

function unopened(name: string, wiring: Wiring | null, reason: string): Asked {
  const check = { name, isWell: false, what: `its port is not open: ${reason}`, advice: 'see the port above' };
  return { name, wiring, check, mayBeElsewhere: false };
}

interface Opening {
  readonly state: LineState;
  onStateChange(listener: (state: LineState) => void): () => void;
}

/** Null when it is open; waits until that is known. */
async function closedBecause(opening: Opening, clock: Clock): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = opening.onStateChange(() => resolve());
  const isKnown = opening.state.isOpen || opening.state.reason !== 'not started';
  if (!isKnown) await Promise.race([promise, pause(clock, OPENING_MS)]);
  stop();
  return opening.state.isOpen ? null : opening.state.reason;
}

/** The settings with which it would answer are worth more than a guess. */
async function lookedFor(
  { name, wiring, check }: Asked,
  all: readonly Asked[],
  deps: CheckupDeps,
): Promise<DeviceCheck> {
  if (wiring === null || wiring.unit === null) return check;
  deps.progress(`looking for ${name} at other settings`);
  const taken = all.flatMap((one) => (one.wiring?.path === wiring.path ? (one.wiring.unit ?? []) : []));
  const finding = await remedyFor(wiring, taken, { clock: deps.clock, openPort: deps.openPort });
  return finding === null ? check : { ...check, advice: sayRemedy(finding, wiring) };
}

/**
 * How often the meters on a shared line can be read. Relays keep their polls, for a relay that changed by itself must be
 * noticed in time; meters take what is left. Pure arithmetic over line times (wire-formats D), device time excluded.
 */

/** One kind of question that is asked again and again. A board with wall switches has two: its relays and its inputs. */
export interface LineUser {
  readonly id: string;
  /** What one turn keeps the line for. */
  readonly lineTimeMs: number;
  readonly periodMs: number;
}

export interface LineMeter extends LineUser {
  /** The silence it needs after another device was spoken to. */
  readonly hushMs?: number;
}

export interface LineLoad {
  /** The port, as the configuration names it. */
  readonly line: string;
  readonly baud: number;
  readonly boards: readonly LineUser[];
  readonly meters: readonly LineMeter[];
}

export interface PlannedMeter {
  readonly id: string;
  /** Never less than what was asked. */
  readonly periodMs: number;
  /** For whoever wrote the configuration; null where the line carries what is asked. */
  readonly warning: string | null;
}

export interface PollPlan {
  /** Of the line's time, pauses included: what the configuration asks, and what the plan makes of it. */
  readonly askedShare: number;
  readonly plannedShare: number;
  readonly meters: readonly PlannedMeter[];
}

/** The rest is for orders, for the devices' own time and for what is lost and asked again. */
const MAX_SHARE = 0.7;
/** Where boards alone fill the line, meters are still read now and then. */
const LEAST_METER_SHARE = 0.05;

export function planPolls(load: LineLoad): PollPlan {
  const costs = load.meters.map((meter) => ({ ...meter, lineTimeMs: meter.lineTimeMs + pauseMs(meter, load) }));
  const boardShare = shareOf(load.boards);
  const meterShare = shareOf(costs);
  const stretch = Math.max(1, meterShare / Math.max(MAX_SHARE - boardShare, LEAST_METER_SHARE));
  const askedShare = boardShare + meterShare;
  const meters = load.meters.map((meter) => {
    const periodMs = stretch === 1 ? meter.periodMs : Math.ceil(meter.periodMs * stretch);
    const stretched = stretch === 1 ? null : tooMuch(load, meter, periodMs, askedShare, boardShare);
    const warnings = [stretched, neverQuiet(load, meter, boardShare)].filter((text) => text !== null);
    return { id: meter.id, periodMs, warning: warnings.length === 0 ? null : warnings.join(' ') };
  });
  return { askedShare, plannedShare: boardShare + meterShare / stretch, meters };
}

function shareOf(users: readonly LineUser[]): number {
  return users.reduce((sum, { lineTimeMs, periodMs }) => sum + lineTimeMs / periodMs, 0);
}

/** A meter that has the line to itself never waits for silence. */
function pauseMs({ hushMs = 0 }: LineMeter, { boards, meters }: LineLoad): number {
  return boards.length === 0 && meters.length === 1 ? 0 : hushMs;
}

function tooMuch(load: LineLoad, meter: LineMeter, periodMs: number, asked: number, ofBoards: number): string {
  const boards = ofBoards >= MAX_SHARE ? `, ${percent(ofBoards)} by the boards alone` : '';
  return (
    `${load.line} at ${load.baud} baud: its boards and meters ask for ${percent(asked)} of the line's time${boards}, ` +
    `and ${percent(MAX_SHARE)} is what it can carry; meter ${meter.id} is read every ${seconds(periodMs)} s instead of ` +
    `every ${seconds(meter.periodMs)} s. Set a higher baud rate or a longer poll_s, or give the meter a line of its own.`
  );
}

/** Relay polls break into the pause until the line lets the meter go first (line/jobs.ts): then they are what waits. */
function neverQuiet({ line, boards }: LineLoad, { id, hushMs = 0 }: LineMeter, boardShare: number): string | null {
  const turnsPerMs = boards.reduce((sum, { periodMs }) => sum + 1 / periodMs, 0);
  const quietMs = Math.max(0, 1 - boardShare) / turnsPerMs;
  if (turnsPerMs === 0 || quietMs >= hushMs) return null;
  return (
    `${line}: meter ${id} needs ${hushMs} ms of silence before it is read, but only about ${Math.floor(quietMs)} ms lie ` +
    'between two questions to the boards: each of its readings keeps relays and wall switches waiting for as long. ' +
    'Orders do not wait. Give it a line of its own.'
  );
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Rounded up: what is announced is kept. */
function seconds(ms: number): string {
  return String(Math.ceil(ms / 100) / 10);
}

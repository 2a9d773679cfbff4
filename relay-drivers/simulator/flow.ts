import type { Clock } from '../clock.ts';
import type { MeterReading, PhaseReading } from '../meter.ts';
import type { CoilTruth, TransitionListener } from './relay-bank.ts';

/** What a simulated meter measures, where nobody sets it by hand. */

const MAINS_MV = 230_000;
const MS_PER_H = 3_600_000;

export interface Flow {
  readonly phases: 1 | 3;
  /** Always there. */
  readonly baseMw: number;
  /** Of each channel while its contact is closed, channels of boards and plugs one after the other. */
  readonly channelsMw: readonly number[];
}

/** Boards and plugs: contacts that something hangs behind. */
export interface Contacts {
  coils(): readonly CoilTruth[];
  onTransition(listener: TransitionListener): () => void;
}

/** The same current in each phase, at 230 V. */
export function spread(powerMw: number, phases: number): PhaseReading[] {
  const ofEachMw = Math.round(powerMw / phases);
  const currentMa = Math.round((Math.abs(ofEachMw) * 1000) / MAINS_MV);
  return Array.from({ length: phases }, () => ({ voltageMv: MAINS_MV, currentMa, powerMw: ofEachMw }));
}

/** What flows through these contacts; the energy counts up from 0. */
export function flowThrough(boards: readonly Contacts[], flow: Flow, clock: Clock): () => MeterReading {
  let sinceMs = clock.nowMs();
  let powerMw = flow.baseMw;
  let energyImportMwh = 0;
  const settle = () => {
    const nowMs = clock.nowMs();
    energyImportMwh += (powerMw * (nowMs - sinceMs)) / MS_PER_H;
    sinceMs = nowMs;
    powerMw = flow.baseMw + drawnMw(boards, flow.channelsMw);
  };
  for (const board of boards) board.onTransition(settle);
  return () => {
    settle();
    const energy = { energyImportMwh: Math.round(energyImportMwh), energyExportMwh: 0 };
    return { powerMw, phases: spread(powerMw, flow.phases), ...energy };
  };
}

function drawnMw(boards: readonly Contacts[], channelsMw: readonly number[]): number {
  const contacts = boards.flatMap((board) => board.coils());
  return contacts.reduce((sum, { closed }, index) => sum + (closed ? (channelsMw[index] ?? 0) : 0), 0);
}

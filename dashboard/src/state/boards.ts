import type { ApplianceView, BusView } from '../wire.ts';
import { addWatts } from '../words/watts.ts';

/** A board that does not answer, and what hangs on it. */
export interface LostBoard {
  readonly bus: BusView;
  readonly reason: string;
  readonly names: readonly string[];
  /** What its appliances are counted with meanwhile. */
  readonly reservedW: number;
}

/** A board that was not asked yet has no reason. */
export function lostBoards(buses: readonly BusView[], appliances: readonly ApplianceView[]): readonly LostBoard[] {
  return buses.flatMap((bus) => {
    if (bus.up || bus.reason === null) return [];
    const hanging = appliances.filter(({ relay }) => relay?.bus === bus.id);
    const reservedW = addWatts(hanging.map((a) => a.reserved_w));
    return [{ bus, reason: bus.reason, names: hanging.map(({ name }) => name), reservedW }];
  });
}

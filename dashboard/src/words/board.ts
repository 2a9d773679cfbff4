import type { LostBoard } from '../state/boards.ts';
import { sentence } from './meter.ts';
import { sayWatts } from './watts.ts';

export interface BoardWords {
  readonly id: string;
  readonly title: string;
  /** The family and the port, as far as the hub tells. */
  readonly where: string;
  readonly reason: string;
  readonly advice: string | null;
  /** What cannot be switched meanwhile; null where nothing hangs on it. */
  readonly affected: string | null;
}

const MAX_NAMES = 4;

export function sayBoard({ bus, reason, names, reservedW }: LostBoard): BoardWords {
  return {
    id: bus.id,
    title: `Board ${bus.id}`,
    where: [bus.driver, bus.path].filter((part) => part !== null).join(' at '),
    reason: sentence(reason),
    advice: bus.advice === null ? null : sentence(bus.advice),
    affected: names.length === 0 ? null : sayAffected(names, reservedW),
  };
}

function sayAffected(names: readonly string[], reservedW: number): string {
  const more = names.length - MAX_NAMES;
  const shown = names.slice(0, MAX_NAMES).join(', ');
  const counted = reservedW > 0 ? ` ${sayWatts(reservedW)} stay counted meanwhile.` : '';
  return `On it: ${shown}${more > 0 ? ` and ${more} more` : ''}.${counted}`;
}

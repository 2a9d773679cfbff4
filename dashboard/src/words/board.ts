import type { Hanging, LostBoard, LostBroker } from '../state/boards.ts';
import type { BusView } from '../wire.ts';
import { sayFamily } from './family.ts';
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

export function sayBoard(board: LostBoard): BoardWords {
  const { bus, reason } = board;
  return {
    id: bus.id,
    title: `${bus.kind === 'plug' ? 'Plug' : 'Board'} ${bus.id}`,
    where: sayPlace(bus),
    reason: sentence(reason),
    advice: bus.advice === null ? null : sentence(bus.advice),
    affected: sayAffected(board),
  };
}

export function sayBroker(lost: LostBroker): BoardWords {
  const { url, mode, advice } = lost.broker;
  return {
    id: 'mqtt-broker',
    title: mode === 'embedded' ? 'The hub’s own MQTT broker' : 'MQTT broker',
    where: url ?? '',
    reason: sentence(lost.reason),
    advice: advice === null ? null : sentence(advice),
    affected: sayAffected(lost),
  };
}

/** The title above all of them. */
export function sayLost(boards: readonly LostBoard[], broker: LostBroker | null): string {
  const lost = sayCount(boards);
  if (broker === null) return `${capital(lost)} ${boards.length === 1 ? 'does' : 'do'} not answer`;
  return boards.length === 0 ? 'The MQTT broker is not there' : `The MQTT broker and ${lost} do not answer`;
}

function sayCount(boards: readonly LostBoard[]): string {
  const plugs = boards.filter(({ bus }) => bus.kind === 'plug').length;
  const kind = plugs === 0 ? 'board' : plugs === boards.length ? 'plug' : 'device';
  return boards.length === 1 ? `a ${kind}` : `${boards.length} ${kind}s`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function sayPlace({ kind, driver, path }: BusView): string {
  const family = driver !== null && kind === 'plug' ? sayFamily(driver) : driver;
  return [family, path].filter((part) => part !== null).join(' at ');
}

function sayAffected({ names, reservedW }: Hanging): string | null {
  if (names.length === 0) return null;
  const more = names.length - MAX_NAMES;
  const shown = names.slice(0, MAX_NAMES).join(', ');
  const counted = reservedW > 0 ? ` ${sayWatts(reservedW)} stay counted meanwhile.` : '';
  return `On it: ${shown}${more > 0 ? ` and ${more} more` : ''}.${counted}`;
}

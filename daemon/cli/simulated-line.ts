import type { BoardSettings } from '../../relay-drivers/simulator/board.ts';
import type { BusSettings } from '../../relay-drivers/simulator/bus.ts';
import { FAMILIES, type Family, type FamilyName } from '../../relay-drivers/simulator/flavours.ts';
import { oneOf, wholeNumber, wholeNumbers } from './arg-values.ts';
import type { Args } from './args.ts';
import { usageError } from './errors.ts';
import { metersOf, type SimulatedMeter } from './simulated-meters.ts';

/** The words of `voltsafe simulate` that say what hangs on the line. */
export const LINE_WORDS = {
  more:
    '[--flavour F] [--unit 1 | --units 1,2] [--baud 9600] [--parity none|even|odd] [--echo] [--watts 150,1000] ' +
    '[--base-watts 100] [--clash] [--board-baud N] [--board-parity none|even|odd]',
  values: [
    'board',
    'channels',
    'unit',
    'units',
    'baud',
    'parity',
    'flavour',
    'board-baud',
    'board-parity',
    'meter',
    'watts',
    'base-watts',
  ],
  flags: ['echo', 'clash'],
} as const;

/** They say something about a board. */
const OF_BOARDS = ['channels', 'unit', 'units', 'flavour', 'watts'];
const FAMILY_NAMES = Object.keys(FAMILIES) as FamilyName[];
const PARITIES = ['none', 'even', 'odd'] as const;
const MAX_BAUD = 1_000_000;

export interface SimulatedLine extends BusSettings {
  readonly meters: readonly SimulatedMeter[];
}

export function lineOf(args: Args): SimulatedLine {
  const meters = metersOf(args);
  const family = familyOf(args, meters);
  const boards = family === null ? [] : boardsOf(args, FAMILIES[family]);
  if (!args.flag('clash')) checkUnits([...boards, ...meters]);
  const formats = formatsOf(args, family === null ? (meters[0]?.flavour.baud ?? 9600) : FAMILIES[family].baud);
  return { ...formats, mayClash: args.flag('clash'), echo: args.flag('echo'), boards, meters };
}

/** A board where nothing else is asked for; null: meters only. */
function familyOf(args: Args, meters: readonly SimulatedMeter[]): FamilyName | null {
  const given = oneOf(args, 'board', FAMILY_NAMES);
  if (given === undefined && meters.length > 0) {
    const idle = OF_BOARDS.find((name) => args.value(name) !== undefined);
    if (idle !== undefined)
      throw usageError(`--${idle} is about a board, and beside --meter there is one only with --board`);
    return null;
  }
  const family = given ?? 'modbus-coils';
  if (meters.some(({ flavour }) => flavour.protocol.kind === 'pushed'))
    throw usageError('a meter that talks by itself needs a line of its own: no --board beside it');
  if (meters.length > 0 && !FAMILIES[family].hasUnits)
    throw usageError(`${family} boards have no address and share no line: no --meter beside them`);
  return family;
}

function boardsOf(args: Args, family: Family): BoardSettings[] {
  const name = oneOf(args, 'flavour', Object.keys(family.twins)) ?? Object.keys(family.twins)[0] ?? '';
  const flavour = family.twins[name];
  if (flavour === undefined) throw new RangeError('a family without a make');
  const channels = wholeNumber(args, 'channels', 1, family.maxChannels) ?? Math.min(8, family.maxChannels);
  const units = unitsOf(args, flavour.unit);
  if (units.length > 1 && !family.hasUnits)
    throw usageError('--units: these boards have no address, one hangs on a line');
  return units.map((unit) => ({ channels, unit, flavour }));
}

/** One unit by default, its make's factory address; several boards may hang on one line. */
function unitsOf(args: Args, factoryUnit: number): number[] {
  const list = wholeNumbers(args, 'units', 1, 255);
  const one = wholeNumber(args, 'unit', 1, 255);
  if (list && one !== undefined) throw usageError('--unit and --units exclude each other');
  return list ?? [one ?? factoryUnit];
}

function checkUnits(devices: readonly { readonly unit?: number }[]): void {
  const units = devices.map(({ unit }) => unit);
  const twice = units.find((unit, index) => unit !== undefined && units.indexOf(unit) < index);
  if (twice === undefined) return;
  throw usageError(
    `unit ${twice} is there twice: name others with --units 1,2 and --meter sdm630:3; --clash allows it, to see what becomes of it`,
  );
}

/** Hostile wiring: the devices may be set to something else than the host. */
function formatsOf(args: Args, usualBaud: number): Pick<BusSettings, 'baud' | 'parity' | 'boardFormat'> {
  const baud = wholeNumber(args, 'baud', 300, MAX_BAUD) ?? usualBaud;
  const parity = oneOf(args, 'parity', PARITIES) ?? 'none';
  const boardFormat = {
    baud: wholeNumber(args, 'board-baud', 300, MAX_BAUD) ?? baud,
    parity: oneOf(args, 'board-parity', PARITIES) ?? parity,
  };
  return { baud, parity, boardFormat };
}

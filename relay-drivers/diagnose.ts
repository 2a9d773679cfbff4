import type { DriverError } from './driver.ts';
import { type Symptom, symptomOf } from './symptom.ts';
import type { Parity } from './transport/address.ts';

/** What is probably wrong with a device that does not answer as it should, and what to try. */
export interface Fault {
  readonly code: Symptom['kind'];
  readonly what: string;
  readonly advice: string;
}

/** How the device is wired, as far as the configuration tells. */
export interface Wiring {
  /** The family, as the configuration names it. */
  readonly driver: string;
  readonly path: string;
  readonly baud: number;
  readonly parity: Parity;
  /** Null where the family has no addresses. */
  readonly unit: number | null;
}

/** A fault shows within a few exchanges, and one that was mended is not told for long. */
const REMEMBERED = 16;
/** So much of what failed must be more than silence to be told instead of it: an answer of two that clash is lost now and then. */
const TELLING_SHARE = 1 / 3;
const USUAL_BAUDS = [9600, 2400, 4800, 19_200, 38_400, 115_200];

/** The failed exchanges of one device since it answered last; bounded. */
export class Diagnosis {
  readonly #wiring: Wiring | null;
  #symptoms: Symptom[] = [];

  constructor(wiring: Wiring | null) {
    this.#wiring = wiring;
  }

  answered(): void {
    this.#symptoms = [];
  }

  failed(error: DriverError): void {
    const symptom = symptomOf(error);
    if (symptom === null) return;
    // What an open port let be heard says nothing about why it is closed now, and the other way round.
    if ((symptom.kind === 'port') !== (this.#symptoms[0]?.kind === 'port')) this.#symptoms = [];
    this.#symptoms = [...this.#symptoms, symptom].slice(-REMEMBERED);
  }

  /** Null until something failed. */
  get fault(): Fault | null {
    return diagnose(this.#symptoms, this.#wiring);
  }
}

/** The newest of the most frequent kind, in words. */
export function diagnose(symptoms: readonly Symptom[], wiring: Wiring | null): Fault | null {
  const told = symptoms.filter(({ kind }) => kind !== 'silence');
  const telling = told.length >= symptoms.length * TELLING_SHARE ? told : symptoms;
  const counts = new Map<string, number>();
  for (const { kind } of telling) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const newest = telling.findLast(({ kind }) => counts.get(kind) === most);
  return newest === undefined ? null : { code: newest.kind, ...words(newest, wiring) };
}

type Words = Pick<Fault, 'what' | 'advice'>;

function words(symptom: Symptom, wiring: Wiring | null): Words {
  const who = wiring === null || wiring.unit === null ? 'the device' : `unit ${wiring.unit}`;
  switch (symptom.kind) {
    case 'port':
      return { what: symptom.what, advice: symptom.advice };
    case 'silence':
      return { what: `nothing comes back from ${who}${at(wiring)}`, advice: silentAdvice(wiring) };
    case 'echo':
      return {
        what: `only our own bytes come back: the adapter hears itself and ${who} does not answer${at(wiring)}`,
        advice: silentAdvice(wiring),
      };
    case 'noise':
      return {
        what: `bytes come back that make no frame: probably the baud rate or parity of ${who} is another${at(wiring, ' than ')}`,
        advice: `${othersToTry(wiring)}; voltsafe doctor, with the hub stopped, tries them for you. Also check A, B and ground`,
      };
    case 'text':
      return textWords(symptom.text, wiring);
    case 'damaged':
      return {
        what: `answers of ${who} come back damaged again and again: probably two devices on the line have this address and answer at once`,
        advice:
          'disconnect all devices but one and give each an address of its own; if it was the only one, check the cable, its ' +
          'ground and the 120 ohm termination at both ends',
      };
    case 'stranger':
      return {
        what: `unit ${symptom.unit} speaks (function ${symptom.functionCode}) where ${who} was asked`,
        advice:
          'set the unit address that the device has; if both exist, another master asks on this line: leave one, and no ' +
          'second program or controller on it',
      };
    case 'misfit':
      return {
        what: `${who} answers, but not as much as a device of this kind has`,
        advice: 'check driver, model and channels in the configuration; voltsafe ports shows what it looks like',
      };
    case 'refusal':
      return {
        what: symptom.what,
        advice: 'check driver and number of channels in the configuration: the device has less than is asked of it',
      };
  }
}

function textWords(text: string, wiring: Wiring | null): Words {
  if (text.includes('LCTECH'))
    return {
      what: 'the board starts again and again (its power-up text comes instead of answers)',
      advice: 'its supply is too weak, most of all when relays pull in: give it one of its own',
    };
  return {
    what: `something on this port writes words ("${text}") and does not answer${at(wiring)}`,
    advice: 'this is probably the port of another device (a P1 meter, a console); voltsafe ports shows what is where',
  };
}

function silentAdvice(wiring: Wiring | null): string {
  const address =
    wiring?.unit === null ? '' : `its unit address${wiring === null ? '' : ` (${wiring.unit} is asked)`}, `;
  return (
    `check its power, that A and B are not swapped, ${address}and its baud rate and parity: ${othersToTry(wiring)}; ` +
    'voltsafe doctor, with the hub stopped, tries them for you'
  );
}

function othersToTry(wiring: Wiring | null): string {
  const bauds = USUAL_BAUDS.filter((baud) => baud !== wiring?.baud).join(', ');
  const parities = (['none', 'even', 'odd'] as const).filter((parity) => parity !== wiring?.parity).join(' or ');
  return `try baud ${bauds}, and parity ${parities}`;
}

function at(wiring: Wiring | null, before = ' at '): string {
  return wiring === null ? '' : `${before}${sayFormat(wiring)}`;
}

export function sayFormat({ baud, parity }: Pick<Wiring, 'baud' | 'parity'>): string {
  return `${baud} baud, ${parity === 'none' ? 'no' : parity} parity`;
}

import type { Clock } from '../../relay-drivers/clock.ts';
import type { SimulatedBus } from '../../relay-drivers/simulator/bus.ts';
import { type Contacts, flowThrough } from '../../relay-drivers/simulator/flow.ts';
import { isMeterFlavour, METER_FLAVOURS, type MeterFlavour } from '../../relay-drivers/simulator/meter-flavours.ts';
import type { MeterTwinSettings } from '../../relay-drivers/simulator/meter-twin.ts';
import { toWhole, wholeNumber, wholeNumbers } from './arg-values.ts';
import type { Args } from './args.ts';
import { usageError } from './errors.ts';

export interface SimulatedMeter extends MeterTwinSettings {
  readonly flavour: MeterFlavour;
}

const MAX_UNIT = 247;
const MAX_W = 1_000_000;

/** `--meter sdm630:2,pzem:3`; without a unit it has its factory's. */
export function metersOf(args: Args): SimulatedMeter[] {
  const meters = (args.value('meter')?.split(',') ?? []).map(meterOf);
  if (meters.length > 1 && meters.some(({ protocol }) => protocol.kind === 'pushed'))
    throw usageError('--meter: one that talks by itself needs a line of its own');
  if (meters.length === 0 && (args.value('watts') ?? args.value('base-watts')) !== undefined)
    throw usageError('--watts and --base-watts are what a --meter measures; there is none');
  return meters;
}

function meterOf(text: string): SimulatedMeter {
  const [name = '', unit, extra] = text.split(':');
  if (!isMeterFlavour(name) || extra !== undefined)
    throw usageError(`--meter takes model or model:unit, the model one of ${Object.keys(METER_FLAVOURS).join(', ')}`);
  const flavour: MeterFlavour = METER_FLAVOURS[name];
  const { protocol } = flavour;
  if (protocol.kind === 'polled') return { flavour, protocol, unit: unit === undefined ? protocol.unit : unitOf(unit) };
  if (unit !== undefined) throw usageError(`--meter ${name} talks by itself: it has no unit`);
  return { flavour, protocol };
}

function unitOf(text: string): number {
  return toWhole(text, 'meter', 1, MAX_UNIT);
}

/** What hangs in the same house, and is no board of the line. */
export interface Beside {
  readonly contacts: readonly Contacts[];
  /** Of all their channels. */
  readonly loadsW: readonly number[];
}

/** Each meter sees all that flows: the base, and the watts of every channel while its contact is closed. */
export function letFlow(
  { boards, meters }: SimulatedBus,
  of: readonly SimulatedMeter[],
  beside: Beside,
  args: Args,
  clock: Clock,
): void {
  const baseMw = 1000 * (wholeNumber(args, 'base-watts', 0, MAX_W) ?? 0);
  const channelsMw = (wholeNumbers(args, 'watts', 0, MAX_W) ?? []).map((watts) => 1000 * watts);
  const channels = boards.reduce((sum, board) => sum + board.channels, 0);
  if (channelsMw.length > channels) throw usageError('--watts names more channels than there are');
  const all = [
    ...Array.from({ length: channels }, (_, i) => channelsMw[i] ?? 0),
    ...beside.loadsW.map((w) => 1000 * w),
  ];
  for (const [index, meter] of meters.entries()) {
    const phases = of[index]?.flavour.phases ?? 1;
    meter.follow(flowThrough([...boards, ...beside.contacts], { phases, baseMw, channelsMw: all }, clock));
  }
}

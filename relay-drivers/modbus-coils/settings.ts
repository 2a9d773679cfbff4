import { z } from 'zod';
import { id, parity, portPath, timeoutMs } from '../fields.ts';
import { INPUT_MODES } from './input-modes.ts';

/** What the boards of this family can be set to (wire-formats A1). */
export const BAUD_RATES = [4800, 9600, 19_200, 38_400, 57_600, 115_200, 128_000, 256_000] as const;

export const MAX_CHANNELS = 32;
/** Modbus keeps 248 to 254 free; LCTech boards come as 255. */
const LCTECH_UNIT = 255;

const wallSwitch = z.strictObject({
  appliance: id,
  /** toggle: each press switches over. follow: pressed is on, released is off. */
  mode: z.enum(['toggle', 'follow']),
});

const inputNumber = z.string().regex(/^([1-9]|[12]\d|3[0-2])$/, `expected an input number from 1 to ${MAX_CHANNELS}`);

const TOO_MANY_INPUTS = 'expected inputs that the board has: as many as its channels, rounded up to eight';

function hasInputs(named: object | undefined, channels: number): boolean {
  return Object.keys(named ?? {}).every((input) => Number(input) <= Math.ceil(channels / 8) * 8);
}

export const modbusCoilsSettings = z
  .strictObject({
    id,
    driver: z.literal('modbus-coils'),
    path: portPath,
    baud: z.literal(BAUD_RATES).default(9600),
    parity: parity.default('none'),
    unit: z
      .union([z.int().min(1).max(247), z.literal(LCTECH_UNIT)], 'expected a unit address from 1 to 247, or 255')
      .default(1),
    channels: z.int().min(1).max(MAX_CHANNELS),
    /** Wall switches on the board's inputs, by input number. */
    inputs: z.record(inputNumber, wallSwitch).optional(),
    /** Waveshare (D): what the board itself does at an input, also while the hub is down. Inputs not named stay as they are. */
    input_modes: z.record(inputNumber, z.enum(INPUT_MODES)).optional(),
    quirks: z
      .strictObject({
        /** whole: takes FC0F over all its coils. none: takes no FC0F, each relay is switched off by itself. */
        fc0f: z.enum(['whole', 'none']).optional(),
      })
      .optional(),
    timeout_ms: timeoutMs.optional(),
  })
  .refine((bus) => hasInputs(bus.inputs, bus.channels), { path: ['inputs'], error: TOO_MANY_INPUTS })
  .refine((bus) => hasInputs(bus.input_modes, bus.channels), { path: ['input_modes'], error: TOO_MANY_INPUTS })
  .refine(
    ({ inputs, input_modes: modes = {} }) =>
      Object.keys(inputs ?? {}).every((input) => (modes[input] ?? 'none') === 'none'),
    {
      path: ['input_modes'],
      error: 'expected none for an input that is a wall switch under inputs: the board and the hub would both switch',
    },
  );

export type ModbusCoilsSettings = z.output<typeof modbusCoilsSettings>;

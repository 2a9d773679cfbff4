import { z } from 'zod';
import { isTcpPath, parseTcpPath } from '../transport/address.ts';

/** What the boards of this family can be set to (wire-formats A1). */
export const BAUD_RATES = [4800, 9600, 19_200, 38_400, 57_600, 115_200, 128_000, 256_000] as const;

export const MAX_CHANNELS = 32;
/** Modbus keeps 248 to 254 free; LCTech boards come as 255. */
const LCTECH_UNIT = 255;

const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'expected 1 to 64 of a-z 0-9 _ - beginning with a letter or digit');

const portPath = z
  .string()
  .max(1024)
  .refine(
    (path) => (isTcpPath(path) ? parseTcpPath(path) !== null : path.startsWith('/')),
    'expected a device path such as /dev/ttyUSB0, or tcp://host:port',
  );

const wallSwitch = z.strictObject({
  appliance: id,
  /** toggle: each press switches over. follow: pressed is on, released is off. */
  mode: z.enum(['toggle', 'follow']),
});

const inputNumber = z.string().regex(/^([1-9]|[12]\d|3[0-2])$/, `expected an input number from 1 to ${MAX_CHANNELS}`);

export const modbusCoilsSettings = z
  .strictObject({
    id,
    driver: z.literal('modbus-coils'),
    path: portPath,
    baud: z.literal(BAUD_RATES).default(9600),
    parity: z.enum(['none', 'even', 'odd']).default('none'),
    unit: z
      .union([z.int().min(1).max(247), z.literal(LCTECH_UNIT)], 'expected a unit address from 1 to 247, or 255')
      .default(1),
    channels: z.int().min(1).max(MAX_CHANNELS),
    /** Wall switches on the board's inputs, by input number. */
    inputs: z.record(inputNumber, wallSwitch).optional(),
    quirks: z
      .strictObject({
        /** whole: takes FC0F over all its coils. none: takes no FC0F, each relay is switched off by itself. */
        fc0f: z.enum(['whole', 'none']).optional(),
      })
      .optional(),
    timeout_ms: z.int().min(20).max(10_000).optional(),
  })
  .refine((bus) => Object.keys(bus.inputs ?? {}).every((input) => Number(input) <= Math.ceil(bus.channels / 8) * 8), {
    path: ['inputs'],
    error: 'expected inputs that the board has: as many as its channels, rounded up to eight',
  });

export type ModbusCoilsSettings = z.output<typeof modbusCoilsSettings>;

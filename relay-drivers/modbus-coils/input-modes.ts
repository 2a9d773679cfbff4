import type { RegisterRequest } from '../modbus/registers.ts';

/**
 * Waveshare (D) and IO boards: what an input does to its relay, with or without the hub (wire-formats A1). linkage: the
 * relay follows the level. toggle: each press flips it. edge: press and release both flip it.
 */
export const INPUT_MODES = ['none', 'linkage', 'toggle', 'edge'] as const;

export type InputMode = (typeof INPUT_MODES)[number];

/** Holding registers, one for each input from here on; the value is the mode's place in the list above. */
export const INPUT_MODE_BASE = 0x1000;

export function readInputModesRequest(unit: number, inputs: number): RegisterRequest {
  return { kind: 'read_holding', unit, address: INPUT_MODE_BASE, quantity: inputs };
}

/** Inputs count from 1, as printed on the boards. */
export function writeInputModeRequest(unit: number, input: number, mode: InputMode): RegisterRequest {
  return { kind: 'write_register', unit, address: INPUT_MODE_BASE + input - 1, value: INPUT_MODES.indexOf(mode) };
}

/** The inputs whose register says something else than what is wanted. */
export function inputsToSet(
  wanted: ReadonlyMap<number, InputMode>,
  registers: readonly number[],
): [number, InputMode][] {
  return [...wanted].filter(([input, mode]) => registers[input - 1] !== INPUT_MODES.indexOf(mode));
}

/** Frames as the vendors print them (wire-formats A1), for a board with unit 1. */
export const ON_1 = '01 05 00 00 FF 00 8C 3A';
export const OFF_1 = '01 05 00 00 00 00 CD CA';
export const TOGGLE_1 = '01 05 00 00 55 00 F2 9A';
export const ON_ALL = '01 05 00 FF FF 00 BC 0A';
export const OFF_ALL = '01 05 00 FF 00 00 FD FA';
export const TOGGLE_ALL = '01 05 00 FF 55 00 C2 AA';
export const ON_6 = '01 05 00 05 FF 00 9C 3B';
export const READ_COILS = '01 01 00 00 00 08 3D CC';
export const READ_INPUTS = '01 02 00 00 00 08 79 CC';
export const WRITE_8_ON = '01 0F 00 00 00 08 01 FF BE D5';
export const WROTE_8 = '01 0F 00 00 00 08 54 0D';

/** The same for an LCTech board at its factory address 255. */
export const LC_ON_1 = 'FF 05 00 00 FF 00 99 E4';
export const LC_OFF_1 = 'FF 05 00 00 00 00 D8 14';
export const LC_READ_COILS = 'FF 01 00 00 00 08 28 12';
export const LC_READ_INPUTS = 'FF 02 00 00 00 08 6C 12';
export const LC_ALL_ON = 'FF 0F 00 00 00 08 01 FF 30 1D';
export const LC_WROTE_8 = 'FF 0F 00 00 00 08 41 D3';
export const LC_ALL_OFF = 'FF 0F 00 00 00 08 01 00 70 5D';

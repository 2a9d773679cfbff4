import type { SDM_MODELS } from './settings.ts';

export type SdmModel = (typeof SDM_MODELS)[number];

interface Model {
  readonly phases: 1 | 3;
  readonly factoryBaud: number;
}

/**
 * SDM120, SDM230 and SDM630 by wire-formats B2. The SDM220 comes as the SDM120 does: the sdm120c tool, made for both,
 * speaks 2400 baud unless told. The SDM72's figure is the usual one, unchecked.
 */
export const MODELS: Readonly<Record<SdmModel, Model>> = {
  sdm120: { phases: 1, factoryBaud: 2400 },
  sdm220: { phases: 1, factoryBaud: 2400 },
  sdm230: { phases: 1, factoryBaud: 2400 },
  sdm630: { phases: 3, factoryBaud: 9600 },
  sdm72: { phases: 3, factoryBaud: 9600 },
};

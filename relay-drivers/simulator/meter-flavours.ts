import { DSMR_P1_TWINS } from '../dsmr-p1/twin.ts';
import { MODELS, type SdmModel } from '../eastron-sdm/models.ts';
import { type SdmTwinQuirks, sdmTwin } from '../eastron-sdm/twin.ts';
import { pzemTwin } from '../pzem-004t/twin.ts';
import { SML_TWINS } from '../sml/twin.ts';
import type { MeterProtocol } from './meter-twin.ts';
import type { LineFormat } from './timing.ts';

/** A make of meter, with its factory's line settings. */
export interface MeterFlavour extends LineFormat {
  readonly phases: 1 | 3;
  readonly protocol: MeterProtocol;
}

const P1_NEW = { baud: 115_200, phases: 3 } as const;
/** 7E1, where a character takes as long as in 8N1. */
const P1_OLD = { baud: 9600, phases: 3 } as const;
const OPTICAL = { baud: 9600, phases: 3 } as const;

/** Every make of meter that can be simulated; each family keeps its own in its twin.ts. */
export const METER_FLAVOURS = {
  sdm120: sdm('sdm120'),
  sdm220: sdm('sdm220'),
  sdm230: sdm('sdm230'),
  sdm630: sdm('sdm630'),
  sdm72: sdm('sdm72'),
  'sdm72-first': sdm('sdm72', { isFirstSdm72: true }),
  pzem: { baud: 9600, phases: 1, protocol: pzemTwin() },
  'dsmr-v5': { ...P1_NEW, protocol: DSMR_P1_TWINS['dsmr-v5'] },
  'dsmr-v4': { ...P1_NEW, protocol: DSMR_P1_TWINS['dsmr-v4'] },
  'dsmr-v2': { ...P1_OLD, protocol: DSMR_P1_TWINS['dsmr-v2'] },
  d0: { ...P1_OLD, protocol: DSMR_P1_TWINS.d0 },
  sml: { ...OPTICAL, protocol: SML_TWINS.sml },
  'sml-locked': { ...OPTICAL, protocol: SML_TWINS['sml-locked'] },
} as const satisfies Record<string, MeterFlavour>;

export type MeterFlavourName = keyof typeof METER_FLAVOURS;

export function isMeterFlavour(name: string): name is MeterFlavourName {
  return Object.hasOwn(METER_FLAVOURS, name);
}

function sdm(model: SdmModel, quirks: SdmTwinQuirks = {}): MeterFlavour {
  const { phases, factoryBaud } = MODELS[model];
  return { phases, baud: factoryBaud, protocol: sdmTwin(model, quirks) };
}

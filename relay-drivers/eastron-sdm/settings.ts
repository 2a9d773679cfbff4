import { z } from 'zod';
import { hasOneLine, ONE_LINE, polledFields } from '../fields.ts';

/** Eastron SDM meters (wire-formats B2). The three-phase ones tell each phase. */
export const SDM_MODELS = ['sdm120', 'sdm220', 'sdm230', 'sdm630', 'sdm72'] as const;

export const eastronSdmSettings = z
  .strictObject({
    driver: z.literal('eastron-sdm'),
    ...polledFields,
    unit: z.int().min(1).max(247).default(1),
    model: z.enum(SDM_MODELS),
  })
  .refine(hasOneLine, ONE_LINE);

export type EastronSdmSettings = z.output<typeof eastronSdmSettings>;

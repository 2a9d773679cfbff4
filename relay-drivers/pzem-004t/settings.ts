import { z } from 'zod';
import { hasOneLine, ONE_LINE, polledFields } from '../fields.ts';
import { ANY_UNIT } from './codec.ts';

export const pzem004tSettings = z
  .strictObject({
    driver: z.literal('pzem-004t'),
    ...polledFields,
    unit: z.int().min(1).max(ANY_UNIT).default(1),
  })
  .refine(hasOneLine, ONE_LINE);

export type Pzem004tSettings = z.output<typeof pzem004tSettings>;

import { z } from 'zod';

/** Words that stand in requests and in answers alike. */
export const role = z.enum(['viewer', 'operator', 'admin']);
export const onPowerLoss = z.enum(['stay_off', 'restore']);

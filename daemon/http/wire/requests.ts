import { z } from 'zod';
import { CLAIMS_RULE, readClaims } from '../../core/locks/claims.ts';
import { isMqttName } from '../../core/mqtt-names.ts';
import { MAX_MW, MIN_MW, parseWatts } from '../../core/watts.ts';
import { HTTP_LIMITS } from '../limits.ts';
import { idempotencyKey, printable } from './text.ts';
import { onPowerLoss, role } from './words.ts';

/** What clients send. Unknown fields are refused everywhere. */

const idText = z
  .string({ error: 'must be text' })
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,63}$/i,
    'must be 1 to 64 letters, digits, "_" or "-", and start with a letter or digit',
  );

const WATTS_RULE = 'must be watts from 0.001 to 1000000 with at most three decimals, as a number or a decimal string';

/** Read as decimal digits, never as a float: 2500.5 is exactly 2500500 mW (S4). */
const watts = z.union([z.number(), z.string()], { error: WATTS_RULE }).transform((value, context) => {
  const mw = parseWatts(value);
  if (mw !== null && mw >= MIN_MW && mw <= MAX_MW) return mw;
  context.addIssue({ code: 'custom', message: WATTS_RULE });
  return z.NEVER;
});

const relay = z.strictObject({ bus: idText, channel: z.int().min(1).max(65_535) });

const settings = {
  name: printable(100),
  room: printable(100).nullable(),
  icon: printable(64).nullable(),
  wattage: watts,
  circuit: idText,
  priority: z.int().min(0).max(100),
  protected: z.boolean(),
  relay: relay.nullable(),
  on_power_loss: onPowerLoss,
};

export const applianceBody = z.strictObject({
  id: idText.optional(),
  ...settings,
  room: settings.room.default(null),
  icon: settings.icon.default(null),
  circuit: settings.circuit.default('house'),
  priority: settings.priority.default(50),
  protected: settings.protected.default(false),
  relay: settings.relay.default(null),
  on_power_loss: settings.on_power_loss.default('stay_off'),
});
/** The device says where the relay is, and what it is called unless the client does. */
export const adoptBody = applianceBody
  .omit({ relay: true })
  .extend({ channel: z.int().min(1).max(65_535).default(1), name: settings.name.optional() });
export const appliancePatch = z.strictObject(settings).partial();
export const toggleBody = z.strictObject({ is_on: z.boolean() });
export const retireBody = z.strictObject({ reason: printable(200) });
export const loginBody = z.strictObject({ token: z.string().min(1).max(512) });
export const setupBody = z.strictObject({ secret: z.string().min(1).max(512) });
export const tokenBody = z.strictObject({
  name: printable(100),
  role,
  mqtt_user: z
    .string()
    .refine(isMqttName, 'is no name of a user of MQTT')
    .optional()
    .describe('takes locks for this user: what it sets shows their fencing tokens; of an external broker: its host'),
});

export const idParams = z.strictObject({ id: idText });
/** The id of a session carries the id of what it came from: `3f2a9c41.77ab01cd`. */
export const tokenParams = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9_.-]{0,127}$/i, 'is no id of a token'),
});
/** What a toggle shows to pass the locks above its appliance. */
const fencingTokens = z.string({ error: CLAIMS_RULE }).transform((text, context) => {
  const claims = readClaims(text);
  if (claims !== null) return claims;
  context.addIssue({ code: 'custom', message: CLAIMS_RULE });
  return z.NEVER;
});
export const toggleHeaders = z.looseObject({
  'idempotency-key': idempotencyKey.optional(),
  'x-fencing-token': fencingTokens.optional(),
});

const SEQ_RULE = 'must be a whole number that is not negative';
const seqText = z
  .string({ error: SEQ_RULE })
  .regex(/^\d{1,15}$/, SEQ_RULE)
  .transform(Number);
const limitText = z
  .string({ error: 'must be a whole number' })
  .regex(/^\d{1,4}$/, `must be 1 to ${HTTP_LIMITS.decisionsAtMost}`)
  .transform(Number)
  .refine((limit) => limit >= 1 && limit <= HTTP_LIMITS.decisionsAtMost, `must be 1 to ${HTTP_LIMITS.decisionsAtMost}`);

export const decisionsQuery = z.strictObject({ after: seqText.default(0), limit: limitText.default(100) });
export const liveQuery = z.strictObject({ after: seqText.optional() });

export type ApplianceBody = z.output<typeof applianceBody>;
export type AdoptBody = z.output<typeof adoptBody>;
export type AppliancePatch = z.output<typeof appliancePatch>;

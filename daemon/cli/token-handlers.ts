import { z } from 'zod';
import type { Token } from '../core/model.ts';
import { isMqttName } from '../core/mqtt-names.ts';
import type { Handlers } from './control-wire.ts';
import { decide, read, WHO } from './desk-words.ts';
import type { TokenDesk } from './ports.ts';

export const ROLES = ['viewer', 'operator', 'admin'] as const;

const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));

/** The secret itself never travels: the hub is told its hash. */
export const createParams = z.strictObject({
  id: hex(12),
  name: z
    .string()
    .min(1)
    .max(100)
    .regex(/^\P{C}+$/u, 'no control characters'),
  role: z.enum(ROLES),
  mqttUser: z.string().refine(isMqttName).optional(),
  secretHash: hex(64),
});

export const revokeParams = z.strictObject({ id: z.string().min(1).max(128) });

export const listing = z.array(
  z.strictObject({ id: z.string(), name: z.string(), role: z.enum(ROLES), use: z.string(), createdWallMs: z.number() }),
);

/** What the command line may ask of a hub about tokens. */
export function tokenHandlers(desk: TokenDesk, wallMs: () => number): Handlers {
  return {
    'token.create': async (params) => {
      const { mqttUser, ...asked } = read(createParams, params);
      const speaksFor = mqttUser === undefined ? {} : { mqttUser };
      const token: Token = { ...asked, ...speaksFor, use: 'api', createdWallMs: wallMs(), expiresUpMs: null };
      await decide(desk, { kind: 'create_token', token, who: WHO });
    },
    'token.revoke': async (params) => {
      await decide(desk, { kind: 'revoke_token', id: read(revokeParams, params).id, who: WHO });
    },
    'token.list': async () => desk.tokens().map(shown),
  };
}

function shown({ id, name, role, use, createdWallMs }: Token): z.output<typeof listing>[number] {
  return { id, name, role, use, createdWallMs };
}

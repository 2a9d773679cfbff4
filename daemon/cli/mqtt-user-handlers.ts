import { z } from 'zod';
import type { MqttUser } from '../core/model.ts';
import { isMqttName, isReservedName, whyNotGranted } from '../core/mqtt-names.ts';
import type { Handlers } from './control-wire.ts';
import { decide, read, WHO } from './desk-words.ts';
import type { TokenDesk } from './ports.ts';

export const MQTT_ROLES = ['device', 'integration', 'viewer'] as const;
const MAX_TOPICS = 16;

const name = z.string().refine(isMqttName, 'a name has 1 to 64 of A-Z a-z 0-9 _ . -');
const filter = z.string().superRefine((value, context) => {
  const why = whyNotGranted(value);
  if (why !== null) context.addIssue({ code: 'custom', message: why });
});

/** The password itself never travels: the hub is told its hash. */
export const addParams = z
  .strictObject({
    name,
    role: z.enum(MQTT_ROLES),
    topics: z.array(filter).max(MAX_TOPICS, `at most ${MAX_TOPICS} topics`),
    secretHash: z.string().regex(/^[0-9a-f]{64}$/),
  })
  .refine((user) => user.role !== 'device' || !isReservedName(user.name), {
    path: ['name'],
    message:
      'it stands in the topics of other devices, and a device is let into the topics that name it; choose another',
  });

export const addReply = z.strictObject({ isNew: z.boolean() });
export const removeParams = z.strictObject({ name: z.string().min(1).max(64) });
export const userList = z.array(
  z.strictObject({
    name: z.string(),
    role: z.enum(MQTT_ROLES),
    topics: z.array(z.string()),
    createdWallMs: z.number(),
  }),
);

/** What the command line may ask of a hub about the users of its broker. */
export function mqttUserHandlers(desk: TokenDesk, wallMs: () => number): Handlers {
  return {
    'mqtt_user.add': async (params) => {
      const asked = read(addParams, params);
      const isNew = !users(desk).some((user) => user.name === asked.name);
      await decide(desk, { kind: 'add_mqtt_user', user: { ...asked, createdWallMs: wallMs() }, who: WHO });
      return { isNew } satisfies z.output<typeof addReply>;
    },
    'mqtt_user.remove': async (params) => {
      await decide(desk, { kind: 'remove_mqtt_user', name: read(removeParams, params).name, who: WHO });
    },
    'mqtt_user.list': async () => users(desk).map(shown),
  };
}

function users(desk: TokenDesk): readonly MqttUser[] {
  return desk.mqttUsers?.() ?? [];
}

function shown({ name, role, topics, createdWallMs }: MqttUser): z.output<typeof userList>[number] {
  return { name, role, topics: [...topics], createdWallMs };
}

import { z } from 'zod';
import { host, port, text, url } from './fields.ts';

/** The `mqtt` part of the file: a broker of the hub's own, somebody else's, or none. */

/** Home Assistant looks below this for what it may show. */
const prefix = z
  .string()
  .regex(
    /^(?!voltsafe(\/|$))[^\s$+#/]{1,64}(\/[^\s$+#/]{1,64}){0,3}$/,
    'expected a topic prefix, such as homeassistant',
  );

const homeAssistant = z
  .strictObject({ enabled: z.boolean().default(true), prefix: prefix.default('homeassistant') })
  .prefault({});

const tls = z.strictObject({ cert_file: text, key_file: text, port: port.default(8883) });

export const MQTT_ROLES = ['device', 'integration', 'viewer'] as const;

export const mqttSchema = z.discriminatedUnion('mode', [
  z.strictObject({
    mode: z.literal('embedded').default('embedded'),
    host: host.default('0.0.0.0'),
    port: port.default(1883),
    tls: tls.optional(),
    home_assistant: homeAssistant,
  }),
  z.strictObject({
    mode: z.literal('external'),
    url: url(['mqtt', 'mqtts']).refine(
      hasNoSecret,
      'expected no user and no password; name username and password_file',
    ),
    username: text.optional(),
    password_file: text.optional(),
    ca_file: text.optional(),
    /** Who publishes there cannot be told apart: all of them are this. */
    role: z.enum(MQTT_ROLES).default('integration'),
    home_assistant: homeAssistant,
  }),
  z.strictObject({ mode: z.literal('off') }),
]);
export type MqttFile = z.output<typeof mqttSchema>;

/** An address is printed in logs and errors. */
function hasNoSecret(value: string): boolean {
  if (!URL.canParse(value)) return true;
  const { username, password } = new URL(value);
  return username === '' && password === '';
}

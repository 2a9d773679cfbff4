import type { MqttUser } from '../core/model.ts';
import { hashSecret } from '../http/secrets.ts';
import { newPassword } from './mqtt-user-add.ts';

/** Users for simulated plugs, as long as one hub runs: it is told the hashes, their process the passwords, nobody else anything. */
export function plugUsers(names: readonly string[], createdWallMs: number) {
  const passwords = Object.fromEntries(names.map((name) => [name, newPassword()]));
  const users = Object.entries(passwords).map(
    ([name, password]): MqttUser => ({
      name,
      role: 'device',
      topics: [],
      secretHash: hashSecret(password),
      createdWallMs,
    }),
  );
  return { passwords, users };
}

import { hash } from 'node:crypto';
import type { UserBook } from '../../daemon/broker/port.ts';
import type { MqttRole, MqttUser } from '../../daemon/core/model.ts';

export const HUB = 'home-1';

export function mqttUser(name: string, role: MqttRole, topics: readonly string[] = []): MqttUser {
  return { name, role, topics, secretHash: hash('sha256', Users.passwordOf(name), 'hex'), createdWallMs: 0 };
}

/** The ledger's users, in a map. */
export class Users implements UserBook {
  readonly #users = new Map<string, MqttUser>();
  readonly #listeners = new Set<(name: string) => void>();

  constructor() {
    this.add('plug1', 'device');
    this.add('plug2', 'device');
    this.add('ha', 'integration');
    this.add('panel', 'viewer');
  }

  static passwordOf(name: string): string {
    return `the password of ${name}`;
  }

  find(name: string): MqttUser | null {
    return this.#users.get(name) ?? null;
  }

  onChange(listener: (name: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  add(name: string, role: MqttRole, topics: readonly string[] = []): void {
    this.#users.set(name, mqttUser(name, role, topics));
    this.#tell(name);
  }

  remove(name: string): void {
    this.#users.delete(name);
    this.#tell(name);
  }

  #tell(name: string): void {
    for (const listener of this.#listeners) listener(name);
  }
}

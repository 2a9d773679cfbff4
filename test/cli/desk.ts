import type { TokenDesk } from '../../daemon/cli/ports.ts';
import type { Input } from '../../daemon/core/inputs.ts';
import type { MqttUser, Token } from '../../daemon/core/model.ts';

/** The desk of a hub that keeps tokens and MQTT users in lists and refuses ids that it does not know. */
export class ListDesk implements TokenDesk {
  readonly asked: Input[] = [];
  readonly kept = new Map<string, Token>();
  readonly users = new Map<string, MqttUser>();

  async ask(input: Input) {
    this.asked.push(input);
    const decision = { seq: this.asked.length, atWallMs: 0 };
    if (input.kind === 'create_token') this.kept.set(input.token.id, input.token);
    if (input.kind === 'revoke_token' && !this.kept.delete(input.id)) {
      return { ok: false, refusal: { code: 'not_found', detail: `there is no token ${input.id}` }, decision } as const;
    }
    if (input.kind === 'add_mqtt_user') this.users.set(input.user.name, input.user);
    if (input.kind === 'remove_mqtt_user' && !this.users.delete(input.name)) {
      return { ok: false, refusal: { code: 'not_found', detail: `there is no ${input.name}` }, decision } as const;
    }
    return { ok: true, changed: true, decision, standing: null } as const;
  }

  tokens(): Token[] {
    return [...this.kept.values()];
  }

  mqttUsers(): MqttUser[] {
    return [...this.users.values()];
  }
}

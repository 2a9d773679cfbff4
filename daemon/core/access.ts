import type { Deciding, Reply } from './decision.ts';
import type { Event } from './events.ts';
import type { Input } from './inputs.ts';
import { endAccess } from './locks/revoke.ts';
import type { Token, Who } from './model.ts';

type Of<K extends Input['kind']> = Input & { kind: K };

/** Bound what a client may make the hub remember. */
export const TOKENS_AT_MOST = 1000;
export const MQTT_USERS_AT_MOST = 5000;

export function createToken(d: Deciding, { token, who }: Of<'create_token'>): Reply {
  const live = [...d.state.tokens.values()].filter((t) => t.expiresUpMs === null || t.expiresUpMs > d.now.upMs);
  if (live.length >= TOKENS_AT_MOST) return tooMany(d, 'tokens; revoke some');
  return d.done(d.emit({ kind: 'token_created', token }, who), null, true);
}

/** With it go the sessions that came from it: their ids begin with its own and a dot. */
export function revokeToken(d: Deciding, { id, who }: Of<'revoke_token'>): Reply {
  const token = d.state.tokens.get(id);
  if (token === undefined) return missing(d, `token "${id}"`);
  const sessions = [...d.state.tokens.values()].filter((one) => one.use === 'session' && one.id.startsWith(`${id}.`));
  const event = revoke(d, token, who);
  for (const session of sessions) revoke(d, session, who);
  return d.done(event, null, true);
}

function revoke(d: Deciding, token: Token, who: Who): Event {
  const event = d.emit({ kind: 'token_revoked', id: token.id }, who);
  endAccess(d, token, who);
  return event;
}

/** One of the same name is replaced: that is how a password is changed. */
export function addMqttUser(d: Deciding, { user, who }: Of<'add_mqtt_user'>): Reply {
  const isNew = d.state.mqttUsers.get(user.name) === undefined;
  if (isNew && [...d.state.mqttUsers.values()].length >= MQTT_USERS_AT_MOST)
    return tooMany(d, 'MQTT users; remove some');
  return d.done(d.emit({ kind: 'mqtt_user_added', user }, who), null, true);
}

export function removeMqttUser(d: Deciding, { name, who }: Of<'remove_mqtt_user'>): Reply {
  if (d.state.mqttUsers.get(name) === undefined) return missing(d, `MQTT user "${name}"`);
  return d.done(d.emit({ kind: 'mqtt_user_removed', name }, who), null, true);
}

function missing(d: Deciding, what: string): Reply {
  return d.refuse({ code: 'not_found', detail: `There is no ${what}.` });
}

function tooMany(d: Deciding, what: string): Reply {
  return d.refuse({ code: 'conflict', detail: `There are too many ${what}.` });
}

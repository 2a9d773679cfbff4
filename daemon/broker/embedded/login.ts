import type { IConnectPacket, Parser } from 'mqtt-packet';
import type { MqttUser } from '../../core/model.ts';
import { BROKER_LIMITS } from '../limits.ts';
import { isPasswordOf } from './passwords.ts';
import { isPlainText, topicFault } from './topics.ts';

/** Return codes of CONNACK (MQTT 3.1.1, table 3.1). */
export const CONNACK = { version: 1, identifier: 2, unavailable: 3, unauthorized: 5 } as const;

/** Let in. */
export interface Login {
  readonly user: MqttUser;
  /** The session's key: a client id belongs to its user, so that none takes over another's session by naming it. */
  readonly sessionKey: string;
  readonly keepAliveS: number;
  readonly isClean: boolean;
}

/** Not let in. `code` null: not worth an answer. */
export interface NoLogin {
  readonly code: number | null;
  readonly kind: 'login' | 'malformed' | 'limit';
  readonly reason: string;
}

export function connack(code: number): Uint8Array {
  return Uint8Array.of(0x20, 2, 0, code);
}

/** Separates user and client id; neither can contain it. */
const SEPARATOR = '\n';

export function sessionKeyOf(user: string, clientId: string): string {
  return `${user}${SEPARATOR}${clientId}`;
}

export function userOfSession(key: string): string {
  return key.slice(0, key.indexOf(SEPARATOR));
}

/** Judges a CONNECT. Whether the name or the password was wrong is nobody's business: same answer, same time. */
export function judge(packet: Buffer, newParser: () => Parser, find: (name: string) => MqttUser | null) {
  if (versionOf(packet) === 5) return refuse(CONNACK.version, 'malformed', 'MQTT 5: this broker speaks 3.1 and 3.1.1');
  const connect = parse(packet, newParser);
  if (connect === null) return refuse(null, 'malformed', 'a CONNECT that cannot be read');
  return faultOf(connect) ?? authenticate(connect, find);
}

function authenticate(connect: IConnectPacket, find: (name: string) => MqttUser | null): Login | NoLogin {
  const { username, password } = connect;
  if (username === undefined || password === undefined)
    return refuse(CONNACK.unauthorized, 'login', 'no user name or no password');
  const user = find(username);
  if (!isPasswordOf(user, password) || user === null)
    return refuse(CONNACK.unauthorized, 'login', 'wrong user name or password');
  const asked = connect.keepalive ?? 0;
  return {
    user,
    sessionKey: sessionKeyOf(user.name, connect.clientId),
    keepAliveS: asked === 0 ? BROKER_LIMITS.keepAliveS : Math.min(asked, BROKER_LIMITS.keepAliveS),
    isClean: connect.clean ?? false,
  };
}

/** What is wrong with a CONNECT, whoever sent it. */
function faultOf({ clientId, clean, will, username = '', password }: IConnectPacket): NoLogin | null {
  const isLong = username.length > BROKER_LIMITS.userNameChars || (password?.length ?? 0) > BROKER_LIMITS.passwordChars;
  if (isLong) return refuse(null, 'limit', 'a user name or password that is too long');
  if (clientId.length > BROKER_LIMITS.clientIdChars)
    return refuse(CONNACK.identifier, 'limit', `a client id of more than ${BROKER_LIMITS.clientIdChars} characters`);
  if (!isPlainText(clientId) || !isPlainText(username))
    return refuse(CONNACK.identifier, 'malformed', 'control characters in a client id or user name');
  // 3.1.3-8: who has no name has no session to come back to. aedes lets them in (durability.md).
  if (clientId === '' && !(clean ?? false))
    return refuse(CONNACK.identifier, 'malformed', 'an empty client id with clean=0');
  return will === undefined ? null : willFault(will);
}

function willFault({ topic, payload }: NonNullable<IConnectPacket['will']>): NoLogin | null {
  const fault = topicFault(topic);
  if (fault !== null) return refuse(null, 'malformed', `${fault} (of a will)`);
  const isLong = payload.length > BROKER_LIMITS.willBytes;
  return isLong ? refuse(null, 'limit', `a will of more than ${BROKER_LIMITS.willBytes} bytes`) : null;
}

/** The level stands behind the protocol's name (3.1.2); a CONNECT of MQTT 5 is laid out differently behind it. */
function versionOf(packet: Buffer): number {
  const headerBytes = packet.findIndex((byte, at) => at > 0 && byte < 128) + 1;
  return packet[headerBytes + 2 + packet.readUInt16BE(headerBytes)] ?? 0;
}

/** A parser of its own: it keeps the rest of what it could not read. */
function parse(packet: Buffer, newParser: () => Parser): IConnectPacket | null {
  let read: IConnectPacket | null = null;
  const parser = newParser();
  parser.on('packet', (one) => {
    if (one.cmd === 'connect') read = one;
  });
  parser.on('error', () => {
    read = null;
  });
  try {
    parser.parse(packet);
  } catch {
    return null;
  }
  return read;
}

function refuse(code: number | null, kind: NoLogin['kind'], reason: string): NoLogin {
  return { code, kind, reason };
}

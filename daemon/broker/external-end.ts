/** Why a connection to the broker ended, in words, and what follows from it. */
export interface LinkEnd {
  /** What happened and what to do. */
  readonly reason: string;
  /**
   * `version`: it does not speak this MQTT, or said nothing before it closed: another version may do. `refused`: no
   * waiting mends it.
   */
  readonly kind: 'lost' | 'version' | 'refused';
}

export interface Circumstances {
  /** The first error that was seen; null: the other side closed. */
  readonly failure: unknown;
  readonly isReached: boolean;
  /** A CONNACK came. */
  readonly isAnswered: boolean;
}

export function endOf({ failure, isReached, isAnswered }: Circumstances): LinkEnd {
  const code = codeOf(failure);
  if (typeof code === 'number') return byReasonCode(code);
  const known = code === null ? undefined : KNOWN[code];
  if (known !== undefined && !(isReached && code === 'ECONNRESET')) return { reason: known, kind: 'lost' };
  if (isAnswered)
    return { reason: failure instanceof Error ? `the connection broke: ${failure.message}` : CLOSED, kind: 'lost' };
  if (isReached) return { reason: MUTE, kind: 'version' };
  return { reason: `it cannot be reached: ${wordsOf(failure)}`, kind: 'lost' };
}

const CLOSED = 'the broker closed the connection';
const MUTE =
  'it ended the connection before it answered; is this the port of an MQTT broker, and does mqtt:// (plain) or mqtts:// (TLS) fit it?';
const SELF_SIGNED =
  'its TLS certificate is signed by nobody whom this machine trusts; name the authority that signed it (mqtt.ca_file)';

/** By the codes of Node and OpenSSL. */
const KNOWN: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused); is the broker running, and is this its port?',
  ENOTFOUND: 'its name is not known; check the host in mqtt.url, and the DNS of this machine',
  EAI_AGAIN: 'its name cannot be looked up now; check the DNS and the network of this machine',
  EHOSTUNREACH: 'no way leads to its host; check the network and the address in mqtt.url',
  ENETUNREACH: 'no way leads to its network; check the network of this machine',
  ETIMEDOUT: 'its host does not answer; check that it is switched on, and its firewall',
  ECONNRESET: 'it reset the connection; does mqtt:// (plain) or mqtts:// (TLS) fit its port?',
  EPROTO: 'it does not speak TLS there; is this its TLS port (usually 8883)?',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS there; is this its TLS port (usually 8883)?',
  DEPTH_ZERO_SELF_SIGNED_CERT: SELF_SIGNED,
  SELF_SIGNED_CERT_IN_CHAIN: SELF_SIGNED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: SELF_SIGNED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: SELF_SIGNED,
  CERT_HAS_EXPIRED: 'its TLS certificate has expired; renew it, and check the clock of this machine',
  CERT_NOT_YET_VALID: 'its TLS certificate is not valid yet; check the clock of this machine',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its TLS certificate is for another name; use in mqtt.url a name that stands in it',
};

/** MQTT 3.1.1, 3.2.2.3 and MQTT 5, 2.4: the first ones stand for the same. */
function byReasonCode(code: number): LinkEnd {
  switch (code) {
    case 1:
    case 132:
      return { kind: 'version', reason: 'it does not speak this version of MQTT' };
    case 2:
    case 133:
      return { kind: 'refused', reason: 'it refuses the client id of the hub; allow ids that begin with "voltsafe-"' };
    case 4:
    case 134:
      return {
        kind: 'refused',
        reason: 'it refuses the user name or the password; check mqtt.username and mqtt.password_file',
      };
    case 5:
    case 135:
      return {
        kind: 'refused',
        reason:
          'it does not let this user in; check mqtt.username and mqtt.password_file, and the access list of the broker',
      };
    case 138:
      return { kind: 'refused', reason: 'it has banned this client; see the log of the broker' };
    case 139:
      return { kind: 'lost', reason: 'it is being stopped' };
    case 142:
      return {
        kind: 'refused',
        reason: 'another client took the place of this one; do two hubs have the same hub.id on one broker?',
      };
    default:
      return { kind: 'lost', reason: `it ended the connection with reason code ${code}; see the log of the broker` };
  }
}

function codeOf(failure: unknown): string | number | null {
  if (typeof failure !== 'object' || failure === null || !('code' in failure)) return null;
  const { code } = failure;
  return typeof code === 'string' || typeof code === 'number' ? code : null;
}

function wordsOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : 'it gave no answer';
}

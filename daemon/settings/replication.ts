import { z } from 'zod';
import { text, url } from './fields.ts';
import type { ReplicationSettings } from './types.ts';

/** The `replication` part of the file: the Postgres that gets a copy of the ledger and of the power history. */

/** As libpq names them; `allow` and `prefer` are not offered, for who listens in decides what they come to. */
export const TLS_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
export type TlsMode = (typeof TLS_MODES)[number];

const QUERY: Readonly<Record<string, (value: string) => boolean>> = {
  sslmode: isTlsMode,
  application_name: () => true,
};

export const replicationSchema = z
  .strictObject({
    url: url(['postgres', 'postgresql'])
      .refine(isUnambiguous, 'expected user and password with @ : / ? # written as %40 %3A %2F %3F %23')
      .refine(
        hasKnownQuery,
        `expected no ?parameters but application_name and sslmode (${TLS_MODES.join(', ')}); see also replication.tls`,
      ),
    password_file: text.optional(),
    ca_file: text.optional(),
    tls: z.enum(TLS_MODES).optional(),
  })
  .refine(({ tls, url: given }) => tls === undefined || [null, tls].includes(sslmodeOf(given)), {
    path: ['tls'],
    message: 'expected the same as sslmode in the url, or one of them only',
  })
  .refine(({ tls, url: given, ca_file }) => ca_file === undefined || (tls ?? sslmodeOf(given)) !== 'disable', {
    path: ['ca_file'],
    message: 'nobody reads it without TLS; expected another tls',
  });
export type ReplicationFile = z.output<typeof replicationSchema>;

export function toReplication(file: ReplicationFile, beside: (path: string) => string): ReplicationSettings {
  const { password_file, ca_file } = file;
  return {
    url: file.url,
    passwordFile: password_file === undefined ? null : beside(password_file),
    caFile: ca_file === undefined ? null : beside(ca_file),
    tls: tlsOf(file),
  };
}

/** Who gives certificates wants them looked at. Without a word: encrypted, but on this machine. */
function tlsOf({ url: given, tls, ca_file }: ReplicationFile): TlsMode {
  const wanted = tls ?? sslmodeOf(given) ?? (isHere(given) && ca_file === undefined ? 'disable' : 'require');
  return wanted === 'require' && ca_file !== undefined ? 'verify-full' : wanted;
}

function sslmodeOf(given: string): TlsMode | null {
  const mode = URL.canParse(given) ? new URL(given).searchParams.get('sslmode') : null;
  return mode !== null && isTlsMode(mode) ? mode : null;
}

function isTlsMode(mode: string): mode is TlsMode {
  return TLS_MODES.some((known) => known === mode);
}

/** A socket in a folder of this machine is written as %2Fvar%2Frun%2Fpostgresql. */
function isHere(given: string): boolean {
  const { hostname } = new URL(given);
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname) || /^%2F/i.test(hostname);
}

/** A password with a slash in it would end up in the name of the host, and so in logs. */
function isUnambiguous(given: string): boolean {
  if (!URL.canParse(given)) return true;
  const { pathname, search, hash, username, password } = new URL(given);
  return !`${pathname}${search}${hash}`.includes('@') && [username, password].every(isDecodable);
}

function isDecodable(part: string): boolean {
  try {
    return decodeURIComponent(part).length >= 0;
  } catch {
    return false;
  }
}

function hasKnownQuery(given: string): boolean {
  if (!URL.canParse(given)) return true;
  return [...new URL(given).searchParams].every(([key, value]) => QUERY[key]?.(value) === true);
}

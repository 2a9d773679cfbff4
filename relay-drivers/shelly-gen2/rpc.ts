import type { Outgoing } from '../plugs/protocol.ts';
import type { JsonObject } from '../plugs/words/json.ts';

/** Where its answers go: `<prefix>/hub/rpc`, below its own prefix, the only place where a device may publish. */
export const SOURCE = 'hub';

/** A question to the device with this prefix. It answers on `<src>/rpc`, whatever `src` says, and repeats the id. */
export function rpc(prefix: string, id: number | string, method: string, params?: JsonObject): Outgoing {
  const src = `${prefix}/${SOURCE}`;
  return { topic: `${prefix}/rpc`, payload: JSON.stringify({ id, src, method, ...(params && { params }) }) };
}

import type { WebSocket } from '@fastify/websocket';
import type { Token, Who } from '../core/model.ts';
import { type Caller, demandRole, unauthorized } from './caller.ts';
import { problemOf } from './errors.ts';
import { readJson } from './json-body.ts';
import { HTTP_LIMITS } from './limits.ts';
import type { LockDesk } from './lock-desk.ts';
import { STOPPING } from './lock-waits.ts';
import type { HttpLog } from './log.ts';
import type { HubPort } from './port.ts';
import { Problem } from './problems.ts';
import { fieldErrorsOf } from './validation.ts';
import { type LockVerb, lockVerb } from './wire.ts';

export interface VerbsParts {
  readonly hub: HubPort;
  readonly desk: LockDesk;
  readonly log: HttpLog;
  readonly caller: Caller;
  /** `sent` hears whether the bytes left for the client. */
  readonly send: (bytes: Buffer, sent: (error?: Error | null) => void) => void;
}

type Id = LockVerb['id'];

const NEEDED = { acquire: 'operator', renew: 'operator', release: 'operator', downgrade: 'operator' } as const;

/** What one live client asks. Its waits end with its socket. */
export class LiveVerbs {
  readonly #parts: VerbsParts;
  /** Not answered yet. */
  readonly #open = new Map<Id, AbortController>();

  constructor(parts: VerbsParts) {
    this.#parts = parts;
  }

  /** Listens from now on, to the end of the socket. */
  attach(socket: WebSocket): void {
    socket.on('message', (data, isBinary) => {
      const text = isBinary ? null : String(data);
      void this.#hear(text);
    });
    const unlisten = this.#parts.desk.onStop(() => this.#stop());
    socket.once('close', () => {
      unlisten();
      for (const gone of this.#open.values()) gone.abort();
    });
  }

  /** The socket is closed right after this. */
  #stop(): void {
    for (const [id, gone] of this.#open) {
      this.#refuse(id, STOPPING);
      gone.abort();
    }
  }

  async #hear(text: string | null): Promise<void> {
    let id: Id | null = null;
    try {
      const message = readJson(text ?? '');
      id = idOf(message);
      const verb = read(message);
      await this.#run(verb);
    } catch (error) {
      this.#refuse(id, error);
    }
  }

  async #run(verb: LockVerb): Promise<void> {
    const { id } = verb;
    if (this.#open.has(id)) throw Problem.invalid([{ path: 'id', message: 'is the id of a verb that is under way' }]);
    if (this.#open.size >= HTTP_LIMITS.liveVerbs) throw TOO_MANY;
    const gone = new AbortController();
    this.#open.set(id, gone);
    try {
      const body = await this.#carryOut(verb, gone.signal);
      this.#tell({ type: 'reply', id, ok: true, ...body }, gone);
    } finally {
      this.#open.delete(id);
    }
  }

  #carryOut(verb: LockVerb, gone: AbortSignal) {
    const who = this.#demand(verb);
    const { desk } = this.#parts;
    switch (verb.verb) {
      case 'acquire':
        return acquire(desk, verb, who, gone);
      case 'renew':
        return desk.renew({ ...verb, who });
      case 'release':
        return desk.release({ ...verb, who });
      case 'downgrade':
        return desk.downgrade({ ...verb, who });
      case 'force_release':
        return desk.forceRelease({ ...verb, who });
    }
  }

  /** Looked up each time: the token may have been revoked since. */
  #demand({ verb }: LockVerb): Who {
    const { hub, caller } = this.#parts;
    const token: Token | null = hub.tokenByHash(caller.token.secretHash);
    if (token === null) throw unauthorized('The session has ended; log in again.');
    demandRole({ ...caller, token }, verb === 'force_release' ? 'admin' : NEEDED[verb]);
    return caller.who;
  }

  #tell(message: object, gone?: AbortController): void {
    this.#parts.send(Buffer.from(JSON.stringify(message)), (error) => {
      if (error != null) gone?.abort();
    });
  }

  #refuse(id: Id | null, error: unknown): void {
    const problem = problemOf(error);
    if (problem.code === 'internal') this.#parts.log.error({ err: error }, 'a verb of the live feed failed');
    this.#tell({ type: 'reply', id, ok: false, problem: JSON.parse(problem.body()) });
  }
}

const TOO_MANY = new Problem('rate_limited', `At most ${HTTP_LIMITS.liveVerbs} verbs of one feed are open at once.`);

async function acquire(desk: LockDesk, verb: LockVerb & { verb: 'acquire' }, who: Who, gone: AbortSignal) {
  const { type: _, id: __, verb: ___, resource, resources, idempotency_key: key, ...terms } = verb;
  const asked = { terms, key, who, gone, isLive: true };
  if (resource !== undefined) return desk.acquire({ resources: [resource], ...asked });
  return desk.acquireAll({ resources: resources ?? [], ...asked });
}

function read(message: unknown): LockVerb {
  const result = lockVerb.safeParse(message);
  if (result.success) return result.data;
  throw Problem.invalid(fieldErrorsOf(result.error));
}

/** Who asked badly may still want to know which answer is theirs. */
function idOf(message: unknown): Id | null {
  const id = typeof message === 'object' && message !== null && 'id' in message ? message.id : null;
  return (typeof id === 'string' && id.length <= 100) || typeof id === 'number' ? id : null;
}

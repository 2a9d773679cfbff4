/**
 * One lockable resource as a register: the last token, and who holds it. What a client was told narrows down which of
 * its states it may have been in. Leases end by themselves at some moment after their TTL, which the model may choose.
 */

export interface Op {
  readonly client: string;
  readonly resource: string;
  readonly verb: 'acquire' | 'renew' | 'release' | 'downgrade' | 'look' | 'toggle';
  readonly mode?: 'exclusive' | 'shared';
  readonly ttlMs?: number;
  readonly waitMs?: number;
  /** The token that was shown. */
  readonly shown?: number;
  readonly invokedMs: number;
  readonly returnedMs: number;
  /** `granted`, or the code of a problem. */
  readonly outcome: string;
  /** The token that was told: of the grant, or where the resource stands. */
  readonly token: number | null;
  readonly alreadyReleased?: boolean;
  /** Of a look: client -> token. */
  readonly holders?: Readonly<Record<string, number>>;
  /** Somebody waited for the resource meanwhile, which is reason enough to refuse. */
  readonly isQueued?: boolean;
}

export interface Holder {
  readonly client: string;
  readonly token: number;
  readonly mode: 'exclusive' | 'shared';
  readonly ttlMs: number;
  /** It cannot have ended by itself before. */
  readonly untilMs: number;
}

export interface Register {
  readonly token: number;
  /** By client. */
  readonly holders: readonly Holder[];
  /** It cannot be earlier than that. */
  readonly nowMs: number;
}

export const FRESH: Register = { token: 0, holders: [], nowMs: 0 };

/** The hub counts whole milliseconds. */
const ROUNDING_MS = 2;

/** The states in which the register may be after this operation; none: it cannot have answered so. */
export function after(before: Register, op: Op): Register[] {
  const start = { ...before, nowMs: Math.max(before.nowMs, op.invokedMs) };
  return expiries(start, op.returnedMs).flatMap((register) => {
    const next = act(register, op);
    return next === null || next.nowMs > op.returnedMs ? [] : next;
  });
}

/** With none, some or all of those leases ended that may have ended by then. */
function expiries(register: Register, byMs: number): Register[] {
  let all = [register];
  for (const { client, untilMs } of register.holders)
    if (untilMs <= byMs) all = all.flatMap((one) => [one, expired(one, client)]);
  return all;
}

function expired({ token, holders, nowMs }: Register, client: string): Register {
  const untilMs = holders.find((holder) => holder.client === client)?.untilMs ?? 0;
  const left = holders.filter((holder) => holder.client !== client);
  return { token: token + 1, holders: left, nowMs: Math.max(nowMs, untilMs) };
}

function act(register: Register, op: Op): Register | null {
  switch (op.verb) {
    case 'acquire':
      return acquire(register, op);
    case 'renew':
      return hold(register, op, (own) => ({ ...own, untilMs: Math.max(own.untilMs, endOf(register, own.ttlMs)) }));
    case 'downgrade':
      return downgrade(register, op);
    case 'release':
      return release(register, op);
    case 'look':
      return look(register, op);
    case 'toggle':
      return toggle(register, op);
  }
}

function endOf({ nowMs }: Register, ttlMs: number): number {
  return nowMs + ttlMs - ROUNDING_MS;
}

function acquire(register: Register, op: Op): Register | null {
  const { client, mode = 'exclusive', ttlMs = 0, outcome, token, isQueued = false } = op;
  const own = register.holders.find((holder) => holder.client === client);
  const isBlocked = register.holders.some((holder) => mode === 'exclusive' || holder.mode === 'exclusive');
  if (outcome === 'granted') {
    if (isBlocked || own !== undefined || token !== register.token + 1) return null;
    return put({ ...register, token }, { client, token, mode, ttlMs, untilMs: endOf(register, ttlMs) });
  }
  if (outcome === 'already_held') return own?.token === token ? register : null;
  return own === undefined && (isBlocked || isQueued) && token === register.token ? register : null;
}

/** Of a lease that is the client's and is shown; refused with the token of the resource. */
function hold(
  register: Register,
  { client, shown, outcome, token }: Op,
  next: (own: Holder) => Holder,
): Register | null {
  const own = ownOf(register, client, shown);
  if (outcome !== 'granted') return own === undefined && token === register.token ? register : null;
  return own === undefined || token !== own.token ? null : put(register, next(own));
}

function downgrade(register: Register, op: Op): Register | null {
  const own = ownOf(register, op.client, op.shown);
  if (op.outcome !== 'granted')
    return own?.mode !== 'exclusive' && (op.token === null || op.token === register.token) ? register : null;
  if (own?.mode !== 'exclusive' || op.token !== register.token + 1) return null;
  return put({ ...register, token: op.token }, { ...own, mode: 'shared', token: op.token });
}

function release(register: Register, { client, shown = 0, outcome, token, alreadyReleased }: Op): Register | null {
  const held = register.holders.find((holder) => holder.token === shown);
  if (outcome !== 'granted') return held?.client !== client && token === register.token ? register : null;
  if (alreadyReleased) return held === undefined && shown <= register.token ? register : null;
  return held?.client === client ? { ...register, holders: register.holders.filter((one) => one !== held) } : null;
}

function look(register: Register, { token, holders = {} }: Op): Register | null {
  const same = register.holders.every((holder) => holders[holder.client] === holder.token);
  return token === register.token && same && Object.keys(holders).length === register.holders.length ? register : null;
}

/** Switched with a token that is live, and nobody else has the lock alone. */
function toggle(register: Register, { client, shown, outcome }: Op): Register | null {
  const own = ownOf(register, client, shown);
  if (outcome === 'superseded') return register; // an OFF came later
  const isBarred = register.holders.some((holder) => holder.mode === 'exclusive' && holder.client !== client);
  return (outcome === 'granted') === (own !== undefined && !isBarred) ? register : null;
}

function ownOf({ holders }: Register, client: string, shown: number | undefined): Holder | undefined {
  return holders.find((holder) => holder.client === client && holder.token === shown);
}

function put(register: Register, holder: Holder): Register {
  const others = register.holders.filter(({ client }) => client !== holder.client);
  return { ...register, holders: [...others, holder].sort((x, y) => (x.client < y.client ? -1 : 1)) };
}

import type { Claim, LockWish } from '../../daemon/core/locks/model.ts';
import type { Who } from '../../daemon/core/model.ts';
import type { Lease } from './lease-book.ts';
import type { World } from './world.ts';

/** What callers do with locks, by weight. Leases are short: a home that is locked all day tells nothing of the rest. */
export const LOCK_WEIGHTS = {
  acquire: 12,
  renew: 8,
  release: 4,
  downgrade: 1,
  force: 1,
  cancel_wait: 1,
  lock_retry: 2,
  lockout: 1,
  end_lockout: 2,
  wall_jump: 1,
  stall: 1,
} as const;

export type LockAct = keyof typeof LOCK_WEIGHTS;
type Acquire = Parameters<World['lock']>[0] & { kind: 'acquire_lock' };

const who = (id: string, role: Who['role'] = 'operator'): Who => ({ principal: id, name: id, role, source: 'http' });
const CALLERS = [who('anna'), who('ben'), who('homeassistant')] as const;
const ADMIN = who('admin', 'admin');
const HOUR_MS = 3_600_000;

const recent = new WeakMap<World, { acquire: Acquire | null; waits: string[] }>();

function memory(world: World): { acquire: Acquire | null; waits: string[] } {
  const present = recent.get(world);
  if (present !== undefined) return present;
  const fresh = { acquire: null, waits: [] };
  recent.set(world, fresh);
  return fresh;
}

function anyResource({ dice, house }: World): string {
  const circuits = ['house', ...house.household.circuits.map(({ id }) => id)];
  switch (dice.weighted({ appliance: 8, circuit: 1, hub: 1, free: 4 })) {
    case 'appliance':
      return house.appliances.length === 0 ? 'free' : `appliance:${dice.pick(house.appliances.slice(0, 5)).id}`;
    case 'circuit':
      return `circuit:${dice.pick(circuits)}`;
    case 'hub':
      return 'hub';
    default:
      return dice.pick(['free', 'other']);
  }
}

/** Those that bar the whole house are short. */
function anyWish(world: World): LockWish {
  const { dice } = world;
  const count = dice.weighted({ one: 8, two: 1 }) === 'one' ? 1 : 2;
  const resources = [...new Set(Array.from({ length: count }, () => anyResource(world)))];
  const ttlMs = dice.pick([500, 800, 2000, 2000, 8000]);
  return {
    resources,
    mode: dice.pick(['exclusive', 'exclusive', 'shared']),
    ttlMs,
    delayMs: dice.pick([0, 0, 500, 5000]),
    maxHoldMs: dice.chance(0.2) ? ttlMs * 2 : null,
    metadata: null,
    isLockout: false,
  };
}

function keyed(world: World, i: number, wish: LockWish): { key?: string; hash?: string } {
  return world.dice.chance(0.4) ? { key: `lock-${i}`, hash: JSON.stringify(wish) } : {};
}

function acquire(world: World, i: number): void {
  const { dice } = world;
  const wish = anyWish(world);
  const wait = dice.chance(0.4) ? { id: `wait-${i}-${world.kills}`, ms: dice.pick([300, 2000, 10_000]) } : null;
  const input: Acquire = { kind: 'acquire_lock', wish, who: dice.pick(CALLERS), wait, ...keyed(world, i, wish) };
  const kept = memory(world);
  if (input.key !== undefined) kept.acquire = input;
  if (wait !== null) kept.waits = [wait.id, ...kept.waits.slice(0, 4)];
  world.lock(input);
}

/** Mostly its holder's own doing. */
function holder({ dice }: World, { principal }: Lease): Who {
  const own = [...CALLERS, ADMIN].find((caller) => caller.principal === principal) ?? ADMIN;
  return dice.chance(0.9) ? own : dice.pick(CALLERS);
}

function anyLease({ dice, leases }: World): Lease | null {
  return leases.known.length === 0 ? null : dice.pick(leases.known.slice(0, 8));
}

function holding(world: World, run: (lease: Lease, who: Who) => void): void {
  const lease = anyLease(world);
  if (lease !== null) run(lease, holder(world, lease));
}

/** What a caller shows with a toggle: a token that it has, or had. */
export function anyClaims({ dice, leases }: World, { principal }: Who): { claims?: readonly Claim[] } {
  const own = leases.known.filter((lease) => lease.principal === principal).slice(0, 4);
  if (own.length === 0 || dice.chance(0.5)) return {};
  const { resource, token } = dice.pick(own);
  return { claims: [{ resource: dice.chance(0.7) ? resource : null, token }] };
}

/** Sometimes an admin who holds a lockout asks, with its token. */
export function anyAsker(world: World, people: readonly Who[]): Who {
  const isAtWork = world.leases.known.some(({ isLockout, isOver }) => isLockout && !isOver);
  return isAtWork && world.dice.chance(0.2) ? ADMIN : world.dice.pick(people);
}

/** What a lease is of, where that is an appliance: who holds one uses it. */
export function heldAppliance(world: World, { principal }: Who): string | null {
  const own = world.leases.known.find((lease) => lease.principal === principal);
  const [, id = null] = /^appliance:(.*)$/.exec(own?.resource ?? '') ?? [];
  return id;
}

export const LOCK_ACTS: Readonly<Record<LockAct, (world: World, i: number) => void>> = {
  acquire,
  renew: (world) =>
    holding(world, ({ resource, token }, who) =>
      world.lock({ kind: 'renew_lock', resource, token, ttlMs: world.dice.pick([null, null, 1000, 8000]), who }),
    ),
  release: (world) =>
    holding(world, ({ resource, token }, who) =>
      world.lock({ kind: 'release_lock', resource, token, reason: null, who }),
    ),
  downgrade: (world) =>
    holding(world, ({ resource, token }, who) => world.lock({ kind: 'downgrade_lock', resource, token, who })),
  force: (world) =>
    holding(world, ({ resource }) =>
      world.lock({ kind: 'force_release_lock', resource, reason: 'the simulation says so', who: ADMIN }),
    ),
  cancel_wait: (world) => {
    const { waits } = memory(world);
    if (waits.length > 0) world.tell({ kind: 'cancel_wait', waiter: world.dice.pick(waits) });
  },
  lock_retry: (world, i) => {
    const { acquire: input } = memory(world);
    if (input === null) return;
    const wait = input.wait === null ? null : { ...input.wait, id: `again-${i}-${world.kills}` };
    world.lock({ ...input, wait });
  },
  lockout: (world, i) => {
    const wish = { ...anyWish(world), resources: [anyResource(world)], mode: 'exclusive' as const };
    const wait = world.dice.chance(0.5) ? { id: `out-${i}-${world.kills}`, ms: 10_000 } : null;
    const lockout = { ...wish, ttlMs: null, maxHoldMs: null, isLockout: true };
    world.lock({ kind: 'acquire_lock', wish: lockout, who: ADMIN, wait, ...keyed(world, i, lockout) });
  },
  end_lockout: (world) => {
    for (const { isLockout, isOver, resource, token } of world.leases.known)
      if (isLockout && !isOver)
        world.lock({ kind: 'release_lock', resource, token, reason: 'the work is done', who: ADMIN });
  },
  wall_jump: (world) => {
    world.wallOffMs += world.dice.pick([HOUR_MS, -HOUR_MS]);
  },
  stall: (world) => world.stall(world.dice.pick([5000, 5000, 1500, 700])),
};

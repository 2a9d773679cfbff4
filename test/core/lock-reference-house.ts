import { Reference } from './lock-reference.ts';
import type { RefRelays } from './lock-reference-table.ts';

/** The appliances of the reference: enough of them to be locked, commanded, and seen off. Beside the circuit hangs the fan. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  lamp: ['appliance:lamp', 'circuit:kitchen', 'circuit:house', 'hub'],
  oven: ['appliance:oven', 'circuit:kitchen', 'circuit:house', 'hub'],
  fan: ['appliance:fan', 'circuit:house', 'hub'],
};

export interface RefClaim {
  readonly resource: string | null;
  readonly token: number;
}

export interface RefAsker {
  readonly principal: string;
  readonly isWall: boolean;
  readonly claims: readonly RefClaim[];
}

export interface RefAppliance {
  isOn: boolean;
  isSettled: boolean;
  wasSeenOn: boolean;
  asker: RefAsker | null;
}

/** What toggles and relays do to the reference, and locks to them. */
export class ReferenceHouse implements RefRelays {
  readonly locks = new Reference(this);
  readonly appliances: Record<string, RefAppliance> = Object.fromEntries(
    Object.keys(PLACES).map((id) => [id, { isOn: false, isSettled: true, wasSeenOn: false, asker: null }]),
  );

  isUnderWay(resource: string, token: number): boolean {
    return Object.entries(this.appliances).some(
      ([id, { isSettled, asker }]) =>
        !isSettled &&
        (asker?.claims ?? []).some(
          (claim) =>
            claim.token === token &&
            (claim.resource === resource || (claim.resource === null && PLACES[id]?.includes(resource) === true)),
        ),
    );
  }

  isAllOff(resource: string): boolean | null {
    const covered = this.#under(resource);
    return covered.length === 0 ? null : covered.every((a) => !a.isOn && a.isSettled);
  }

  forceOff(resource: string): void {
    for (const a of this.#under(resource))
      if (a.isOn || (!a.isSettled && a.asker !== null)) this.#order(a, false, null);
  }

  toggle(id: string, isOn: boolean, asker: RefAsker): string {
    const a = this.#appliance(id);
    this.locks.expire([...(PLACES[id] ?? []), ...asker.claims.flatMap(({ resource }) => resource ?? [])]);
    if (this.bars(id, isOn, asker, this.locks.askedMs)) return 'locked';
    return isOn ? this.#on(a, asker) : this.#off(a, asker);
  }

  obeys(id: string): void {
    const a = this.#appliance(id);
    a.isSettled = true;
    a.wasSeenOn = a.isOn;
  }

  /** All is read as it was ordered, after a start. */
  readAll(): void {
    for (const id of Object.keys(this.appliances)) this.obeys(id);
  }

  /** True: its bytes do not leave. */
  lapses(id: string): boolean {
    const a = this.#appliance(id);
    if (a.isSettled || a.asker === null || !this.bars(id, a.isOn, a.asker, this.locks.nowMs)) return false;
    if (a.isOn || !a.wasSeenOn) this.#order(a, false, null);
    else {
      this.#order(a, true, null);
      a.isSettled = true;
    }
    return true;
  }

  bars(id: string, isOn: boolean, asker: RefAsker, atMs: number): boolean {
    const above = PLACES[id] ?? [];
    const live = (resource: string) =>
      this.locks.row(resource, false).holders.filter(({ endsMs }) => endsMs === null || atMs < endsMs);
    const isLocked = above.some((resource) =>
      live(resource).some((holder) => {
        if (holder.mode === 'shared' || (asker.isWall && !isOn)) return false;
        if (holder.isLockout && isOn) return true;
        const isShown = asker.claims.some(
          (claim) => claim.token === holder.token && (claim.resource === null || claim.resource === resource),
        );
        return holder.principal !== asker.principal || !isShown;
      }),
    );
    const isDead = ({ resource, token }: RefClaim) =>
      !(resource === null ? above : [resource]).some((name) =>
        live(name).some((one) => one.token === token && one.principal === asker.principal && !one.isPending),
      );
    return isLocked || asker.claims.some(isDead);
  }

  #on(a: RefAppliance, asker: RefAsker): string {
    if (a.isOn) return a.isSettled ? 'no change' : 'joins';
    if (!a.isSettled) return 'waits to be decided';
    this.#order(a, true, asker);
    return 'awaits the relay';
  }

  #off(a: RefAppliance, asker: RefAsker): string {
    if (!a.isOn && a.isSettled) return 'no change';
    if (!a.isOn && this.#hasSameFate(a.asker, asker)) return 'joins';
    this.#order(a, false, asker);
    return 'awaits the relay';
  }

  #hasSameFate(first: RefAsker | null, then: RefAsker): boolean {
    if (first === null || first.isWall) return true;
    if (then.isWall) return false;
    if (first.claims.length + then.claims.length === 0) return true;
    return first.principal === then.principal && JSON.stringify(first.claims) === JSON.stringify(then.claims);
  }

  #order(a: RefAppliance, isOn: boolean, asker: RefAsker | null): void {
    a.isOn = isOn;
    a.isSettled = false;
    a.asker = asker;
  }

  #under(resource: string): RefAppliance[] {
    return Object.entries(this.appliances).flatMap(([id, a]) => (PLACES[id]?.includes(resource) ? [a] : []));
  }

  #appliance(id: string): RefAppliance {
    const a = this.appliances[id];
    if (a === undefined) throw new RangeError(`the reference has no ${id}`);
    return a;
  }
}

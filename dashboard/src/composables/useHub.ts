import { type ComputedRef, computed, type InjectionKey, inject, provide, type ShallowRef, shallowRef } from 'vue';
import type { HubApi } from '../http/api.ts';
import type { Link } from '../live/feed.ts';
import { follow, type HubState, MAX_DECISIONS, withDecisions } from '../state/hub-state.ts';
import type { KnownLocks } from '../state/locks.ts';
import { ownMeters, withOwnMeter } from '../state/meters.ts';
import type { ApplianceView, LiveMessage, MeterView, Session } from '../wire.ts';
import { useHubClock } from './useHubClock.ts';
import { useLink } from './useLink.ts';
import { isUnauthorized } from './useSession.ts';
import { type Toggles, useToggles } from './useToggles.ts';
import { upMs } from './useUpNow.ts';

export interface Hub extends Toggles {
  readonly state: ShallowRef<HubState | null>;
  readonly appliances: ComputedRef<readonly ApplianceView[]>;
  /** The names that are locked or waited for; the same map until one of them changes. */
  readonly locks: ComputedRef<KnownLocks>;
  /** The meters of single appliances, by appliance. */
  readonly ownMeters: ComputedRef<ReadonlyMap<string, MeterView>>;
  readonly link: ShallowRef<Link>;
  readonly isLive: ComputedRef<boolean>;
  /** The role allows it and the picture is live: nothing is switched on the strength of an old picture. */
  readonly canToggle: ComputedRef<boolean>;
  readonly isViewer: boolean;
  readonly isAdmin: boolean;
  /** Whose locks are those of this session. */
  readonly principal: string;
  /** The hub's wall clock, good to a second: the age of what it says is counted on it, whatever the phone's own clock says. */
  readonly hubNow: ComputedRef<number>;
  retryNow(): void;
  nameOf(id: string): string;
}

const NO_LOCKS: KnownLocks = new Map();
const KEY: InjectionKey<Hub> = Symbol('hub');

/** The hub for everything below the component that calls this. */
export function provideHub(api: HubApi, session: Session, signedOut: () => void): Hub {
  const state = shallowRef<HubState | null>(null);
  const clock = useHubClock();
  const { link, retryNow } = useLink({
    lastSeq: () => state.value?.feedSeq ?? null,
    message: (message) => {
      clock.heard(message);
      hear(state, api, message);
    },
    isSignedOut: () => isSignedOut(api),
    signedOut,
  });
  const isViewer = session.role === 'viewer';
  const isLive = computed(() => link.value.phase === 'live');
  const metered = computed(() => ownMeters(state.value?.meters ?? new Map()));
  const appliances = computed(() =>
    [...(state.value?.appliances.values() ?? [])].map(({ view }) => withOwnMeter(view, metered.value.get(view.id))),
  );
  const hub: Hub = {
    ...useToggles(state, api, { principal: session.principal, signedOut }),
    state,
    appliances,
    locks: computed(() => state.value?.locks ?? NO_LOCKS),
    ownMeters: metered,
    link,
    isLive,
    canToggle: computed(() => isLive.value && !isViewer),
    isViewer,
    isAdmin: session.role === 'admin',
    principal: session.principal,
    hubNow: clock.hubNow,
    retryNow,
    nameOf: (id) => state.value?.appliances.get(id)?.view.name ?? id,
  };
  provide(KEY, hub);
  return hub;
}

export function useHub(): Hub {
  const hub = inject(KEY);
  if (hub === undefined) throw new Error('useHub: no component above called provideHub');
  return hub;
}

function hear(state: ShallowRef<HubState | null>, api: HubApi, message: LiveMessage): void {
  state.value = follow(state.value, message, upMs());
  if (message.type === 'snapshot') void fetchDecisions(state, api, message.seq);
}

/** What was decided before the snapshot; when this fails the list merely starts with what comes live. */
async function fetchDecisions(state: ShallowRef<HubState | null>, api: HubApi, seq: number): Promise<void> {
  const outcome = await api.decisions(Math.max(0, seq - MAX_DECISIONS), MAX_DECISIONS);
  if (outcome.ok && state.value !== null) state.value = withDecisions(state.value, outcome.value.decisions);
}

async function isSignedOut(api: HubApi): Promise<boolean> {
  const outcome = await api.session();
  return !outcome.ok && isUnauthorized(outcome.failure);
}

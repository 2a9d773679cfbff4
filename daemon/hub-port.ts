import { PLUG_DRIVERS } from '../relay-drivers/plug-registry.ts';
import { applianceOf, showDecision } from './core/audit.ts';
import type { Event } from './core/events.ts';
import { showLockChange, showResource, showResources } from './core/locks/describe.ts';
import type { Appliance, Now, Token } from './core/model.ts';
import { showAppliance, showLoad } from './core/show.ts';
import type { ApplianceView, LoadView } from './core/views.ts';
import { NOTHING_FOUND } from './found-devices.ts';
import { type HistoryPort, NO_HISTORY } from './http/history-port.ts';
import type { BusHealth, HubPort, LiveEvent } from './http/port.ts';
import type { Hub } from './hub.ts';
import type { LedgerHandle } from './ledger/stored.ts';
import type { BoardHealth } from './relays/port.ts';

interface Parts {
  readonly hub: Hub;
  readonly read: LedgerHandle['read'];
  readonly now: () => Now;
  readonly info: HubPort['info'];
  /** What was found on MQTT; nothing when absent. */
  readonly found?: Pick<HubPort, 'discovered' | 'adoptable' | 'onDiscovered'>;
  /** The state of the broker; none when absent. */
  readonly mqtt?: HubPort['mqtt'];
  /** None when absent. */
  readonly history?: HistoryPort;
}

/** The hub as its clients see it: views of the committed state, and one way to ask for a change. */
export function hubPort(parts: Parts): HubPort {
  const { hub, read, now, info, found = NOTHING_FOUND, mqtt = () => null, history = NO_HISTORY } = parts;
  const tokens = new TokenIndex(hub, now);
  return {
    info,
    ask: (input) => hub.queue.ask(input),
    cancelWait: (waiter) => hub.queue.tell({ kind: 'cancel_wait', waiter }),
    seq: () => hub.state.seq,
    load: () => loadOf(hub),
    appliances: () => [...hub.state.appliances.values()].map((a) => viewOf(hub, a)),
    appliance: (id) => view(hub, id),
    locks: () => showResources({ state: hub.state, now: now() }),
    lock: (resource) => showResource({ state: hub.state, now: now() }, resource),
    decisions: async (afterSeq, limit) => (await read(afterSeq, limit)).map(showDecision),
    meters: () => hub.meters.views(),
    onMeter: (listener) => hub.meters.onChange(listener),
    discovered: () => found.discovered(),
    adoptable: (id) => found.adoptable(id),
    onDiscovered: (listener) => found.onDiscovered(listener),
    mqtt,
    history,
    subscribe: (listener) => hub.onEvent((event) => listener(live(hub, event, now))),
    tokenByHash: (secretHash) => tokens.find(secretHash),
    tokens: () => tokens.all(),
    upMs: () => now().upMs,
    isReady: () => hub.isReady,
    health: () => ({ ledger: hub.queue.health, waiting: hub.queue.waiting, buses: busesOf(hub) }),
  };
}

/** A device on MQTT has no line to be known by: an adopted one is named by what it was adopted as. */
function busesOf(hub: Hub): BusHealth[] {
  return hub.relays.health().map((health: BoardHealth) => {
    const adopted = hub.state.devices.get(health.id);
    const driver = health.driver ?? adopted?.driver ?? null;
    const isPlug = adopted !== undefined || (driver !== null && PLUG_DRIVERS.has(driver));
    return { ...health, driver, kind: isPlug ? 'plug' : 'board' };
  });
}

function view(hub: Hub, id: string | null): ApplianceView | null {
  const a = id === null ? undefined : hub.state.appliances.get(id);
  return a === undefined ? null : viewOf(hub, a);
}

function viewOf(hub: Hub, a: Appliance): ApplianceView {
  return showAppliance(hub.state, a, hub.meters.applianceMw(a.id));
}

function loadOf(hub: Hub): LoadView {
  return showLoad(hub.state, hub.meters.houseMw);
}

function live(hub: Hub, event: Event, now: () => Now): LiveEvent {
  return {
    event,
    decision: showDecision(event),
    appliance: view(hub, applianceOf(event)),
    load: loadOf(hub),
    lock: showLockChange({ state: hub.state, now: now() }, event),
  };
}

/** Tokens by the hash of their secret: looked up with every request. */
class TokenIndex {
  readonly #hub: Hub;
  readonly #now: () => Now;
  #byHash: Map<string, Token> | null = null;

  constructor(hub: Hub, now: () => Now) {
    this.#hub = hub;
    this.#now = now;
    hub.onEvent(({ kind }) => {
      if (kind === 'token_created' || kind === 'token_revoked') this.#byHash = null;
    });
  }

  all(): Token[] {
    return [...this.#hub.state.tokens.values()].filter((token) => this.#isLive(token));
  }

  find(secretHash: string): Token | null {
    this.#byHash ??= new Map(this.all().map((token) => [token.secretHash, token]));
    const token = this.#byHash.get(secretHash);
    return token !== undefined && this.#isLive(token) ? token : null;
  }

  #isLive({ expiresUpMs }: Token): boolean {
    return expiresUpMs === null || expiresUpMs > this.#now().upMs;
  }
}

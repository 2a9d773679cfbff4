import { applianceOf, showDecision } from './core/audit.ts';
import type { Event } from './core/events.ts';
import type { Appliance, Now, Token } from './core/model.ts';
import { showAppliance, showLoad } from './core/show.ts';
import type { ApplianceView, LoadView } from './core/views.ts';
import type { HubPort, LiveEvent } from './http/port.ts';
import type { Hub } from './hub.ts';
import type { LedgerHandle } from './ledger/stored.ts';

interface Parts {
  readonly hub: Hub;
  readonly read: LedgerHandle['read'];
  readonly now: () => Now;
  readonly info: HubPort['info'];
}

/** The hub as its clients see it: views of the committed state, and one way to ask for a change. */
export function hubPort({ hub, read, now, info }: Parts): HubPort {
  const tokens = new TokenIndex(hub, now);
  return {
    info,
    ask: (input) => hub.queue.ask(input),
    seq: () => hub.state.seq,
    load: () => loadOf(hub),
    appliances: () => [...hub.state.appliances.values()].map((a) => viewOf(hub, a)),
    appliance: (id) => view(hub, id),
    decisions: async (afterSeq, limit) => (await read(afterSeq, limit)).map(showDecision),
    meters: () => hub.meters.views(),
    onMeter: (listener) => hub.meters.onChange(listener),
    subscribe: (listener) => hub.onEvent((event) => listener(live(hub, event))),
    tokenByHash: (secretHash) => tokens.find(secretHash),
    tokens: () => tokens.all(),
    upMs: () => now().upMs,
    isReady: () => hub.isReady,
    health: () => ({ ledger: hub.queue.health, waiting: hub.queue.waiting, buses: hub.relays.health() }),
  };
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

function live(hub: Hub, event: Event): LiveEvent {
  return { event, decision: showDecision(event), appliance: view(hub, applianceOf(event)), load: loadOf(hub) };
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

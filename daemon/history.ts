import type { HubOptions } from './cli/ports.ts';
import { HistoryView } from './history-view.ts';
import type { HistoryPort } from './http/history-port.ts';
import type { HubPort } from './http/port.ts';
import type { Hub } from './hub.ts';
import type { OpenLedger } from './ledger/client.ts';
import { PowerHistory } from './power-sources.ts';
import type { Replicator } from './replication/replicator.ts';
import type { ReplicationSettings } from './settings/types.ts';

export type HistoryOptions = Pick<HubOptions, 'settings' | 'dataDir' | 'log' | 'clock' | 'version'>;

export interface Remembered {
  readonly hub: Hub;
  /** The same hub, as its clients see it. */
  readonly port: HubPort;
  readonly ledger: Pick<OpenLedger, 'stored' | 'readRows'>;
}

/** A disk that hangs keeps no hub from stopping. */
const CLOSE_MS = 5_000;
/** The relays are read back first: what the hub guarantees comes before what it remembers. So long at most. */
const CALM_MS = 3_000;
const LOOK_MS = 100;
const NOT_KEPT = 'the history cannot be kept';

/** What the hub remembers beside its ledger, and the copy of both in Postgres. None of it ever stops the hub. */
export class History {
  readonly port: HistoryPort;
  readonly #options: HistoryOptions;
  #power: PowerHistory | null = null;
  #isOpen = false;
  #replicator: Replicator | null = null;
  #unlisten: () => void = () => undefined;
  #cancelOpening: () => void = () => undefined;
  #isClosed = false;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.port = new HistoryView({
      timezone: options.settings.hub.timezone,
      telemetry: () => (this.#isOpen ? (this.#power?.store ?? null) : null),
      replication: () => this.#copyState(),
    });
  }

  /** Returns at once: whoever switches waits for nothing here. */
  open(remembered: Remembered): void {
    const { clock } = this.#options;
    const lastMs = clock.nowMs() + CALM_MS;
    const look = () => {
      if (remembered.hub.isReady || clock.nowMs() >= lastMs) this.#join(remembered);
      else this.#cancelOpening = clock.after(LOOK_MS, look);
    };
    look();
  }

  /** After the hub, before its ledger: the open minute is written, the copy goes on from there with the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelOpening();
    this.#unlisten();
    const late = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(CLOSE_MS, late.resolve);
    await Promise.race([this.#end(), late.promise]);
    cancel();
  }

  #join(remembered: Remembered): void {
    try {
      this.#power = PowerHistory.join(remembered.hub, this.#options);
      void this.#begin(this.#power, remembered).catch((error) => this.#trouble(NOT_KEPT, error));
    } catch (error) {
      this.#trouble(NOT_KEPT, error);
    }
  }

  async #begin({ store }: PowerHistory, remembered: Remembered): Promise<void> {
    await store.opened;
    this.#isOpen = true;
    const { replication } = this.#options.settings;
    if (replication !== null && !this.#isClosed) await this.#replicate(replication, store, remembered);
  }

  async #replicate(target: ReplicationSettings, store: Store, { hub, port, ledger }: Remembered): Promise<void> {
    const { settings, clock, version, log } = this.#options;
    // The driver of Postgres is several MB, for nothing where nobody copies.
    const { Replicator } = await import('./replication/replicator.ts');
    if (this.#isClosed) return;
    const words = log.child({ part: 'replication' });
    const { origin, restoredFrom } = ledger.stored;
    const replicator = new Replicator({
      target,
      hub: { id: settings.hub.id, name: settings.hub.name, timezone: settings.hub.timezone, version },
      events: {
        origin,
        restoredFrom,
        lastSeq: () => hub.state.seq,
        read: (afterSeq, limit) => ledger.readRows(afterSeq, limit),
      },
      power: store,
      cursors: store,
      standing: () => standingOf(port),
      clock,
      onTrouble: ({ code, detail, advice }) => words.warn({ code }, `${detail}: ${advice}`),
      onReached: () => words.info({}, 'Postgres is reached'),
    });
    this.#replicator = replicator;
    this.#unlisten = hub.onEvent(() => replicator.wake());
    replicator.start();
  }

  async #end(): Promise<void> {
    await Promise.all([this.#replicator?.stop(), this.#power?.close()]);
    await this.#power?.store.close();
  }

  /** Configured, and not begun yet: it is not reached. */
  #copyState() {
    if (this.#options.settings.replication === null) return null;
    return this.#replicator?.state() ?? NOT_BEGUN;
  }

  #trouble(what: string, error: unknown): void {
    this.#options.log.child({ part: 'history' }).error({ error: String(error) }, what);
  }
}

/** Who holds what, a row for each lease. */
function standingOf(port: HubPort) {
  const locks = port.locks().flatMap(({ holders }) => holders);
  return { asOfSeq: port.seq(), appliances: port.appliances(), locks };
}

type Store = PowerHistory['store'];

const NOT_BEGUN = {
  ...{ connected: false, alarmed: false, lag_rows: 0, lag_s: 0, last_seq: null, last_rev: null },
  ...{ rows_sent: 0, batches_sent: 0, last_sent_at: null, last_error: null },
};

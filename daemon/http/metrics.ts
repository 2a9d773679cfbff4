import type { MeterView } from '../core/views.ts';
import type { HistoryPort } from './history-port.ts';
import type { HubPort } from './port.ts';

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The text format of Prometheus, version 0.0.4. */
export function metricsText(hub: HubPort, liveClients: number): string {
  const load = hub.load();
  const { ledger, waiting, buses } = hub.health();
  const house = { id: 'house', limit_w: load.limit_w, reserved_w: load.reserved_w };
  const circuits = [house, ...load.circuits.filter(({ id }) => id !== 'house')];
  const appliances = countStates(hub);
  return [
    gauge(
      'voltsafe_limit_watts',
      'What a circuit may draw',
      circuits.map(({ id, limit_w }) => ({ labels: { circuit: id }, value: limit_w })),
    ),
    gauge(
      'voltsafe_reserved_watts',
      'What admission counts',
      circuits.map(({ id, reserved_w }) => ({ labels: { circuit: id }, value: reserved_w })),
    ),
    gauge(
      'voltsafe_appliances',
      'Appliances by the state of their relay',
      [...appliances].map(([state, value]) => ({ labels: { state }, value })),
    ),
    gauge(
      'voltsafe_bus_up',
      'Whether a board answers',
      buses.map(({ id, up }) => ({ labels: { bus: id }, value: Number(up) })),
    ),
    ...meterGauges(hub.meters()),
    gauge('voltsafe_ledger_up', 'Whether the ledger commits in time', [{ value: Number(ledger === 'ok') }]),
    gauge('voltsafe_ready', 'Whether every relay was read', [{ value: Number(hub.isReady()) }]),
    gauge('voltsafe_queue_waiting', 'Requests that wait to be decided', [{ value: waiting }]),
    gauge('voltsafe_live_clients', 'Open live feeds', [{ value: liveClients }]),
    gauge('voltsafe_ledger_seq', 'The newest event', [{ value: hub.seq() }]),
    gauge('voltsafe_uptime_milliseconds', 'Accumulated uptime', [{ value: hub.upMs() }]),
    ...historyGauges(hub.history),
  ].join('');
}

/** A silent meter has no power: its last one would draw a line through the outage. */
function meterGauges(meters: readonly MeterView[]): string[] {
  const fresh = meters.flatMap(({ id, power_w, stale }) =>
    stale || power_w === null ? [] : [{ labels: { meter: id }, value: power_w }],
  );
  const stale = meters.map(({ id, stale }) => ({ labels: { meter: id }, value: Number(stale) }));
  return [
    gauge('voltsafe_meter_power_watts', 'What a meter measures, import positive', fresh),
    gauge('voltsafe_meter_stale', 'Whether a meter is silent', stale),
  ];
}

/** Of a copy that nobody asked for there is nothing to tell. */
function historyGauges(history: HistoryPort): string[] {
  const { state, rev } = history.state();
  const copy = history.replication();
  const kept = [
    gauge('voltsafe_history_up', 'Whether the power history is kept', [{ value: Number(state === 'ok') }]),
    gauge('voltsafe_history_rev', 'The newest write of the power history', [{ value: rev }]),
  ];
  if (copy === null) return kept;
  const code = copy.last_error?.code ?? null;
  const trouble = code === null ? [] : [{ labels: { code }, value: 1 }];
  return [
    ...kept,
    gauge('voltsafe_replication_up', 'Whether Postgres is reached', [{ value: Number(copy.connected) }]),
    gauge('voltsafe_replication_lag_rows', 'What Postgres does not have', [{ value: copy.lag_rows }]),
    gauge('voltsafe_replication_lag_seconds', 'Age of the oldest of it', [{ value: copy.lag_s }]),
    gauge('voltsafe_replication_rows_sent', 'Since this start', [{ value: copy.rows_sent }]),
    gauge('voltsafe_replication_alarm', 'Whether it waits for a person', [{ value: Number(copy.alarmed) }]),
    gauge('voltsafe_replication_error', 'The last error, while it lasts', trouble),
  ];
}

function countStates(hub: HubPort): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { relay_state: state } of hub.appliances()) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}

function gauge(name: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels = {}, value }) => `${name}${labelText(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"\n]/g, '\\$&').replace(/\n/g, 'n')}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

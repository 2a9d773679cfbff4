import type { Refusal } from '../../daemon/core/events.ts';
import type { Input } from '../../daemon/core/inputs.ts';
import type { ApplianceSettings, BusSettings, Household, Who } from '../../daemon/core/model.ts';
import { emptyState } from '../../daemon/core/state.ts';
import { type Bus, Hub } from '../../daemon/hub.ts';
import { type OpenLedger, openLedger } from '../../daemon/ledger/client.ts';
import type { Metered } from '../../daemon/meters/port.ts';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { timeline } from '../../daemon/timeline.ts';
import { pause } from '../../relay-drivers/clock.ts';

export const ANNA: Who = { principal: 'anna', name: 'Anna', role: 'operator', source: 'http' };

export const HOUSEHOLD: Household = {
  hubId: 'bench',
  hubName: 'Bench',
  limitMw: 1_000_000_000,
  nearLimitMw: 800_000_000,
  baseLoadMw: 0,
  circuits: [],
  buses: [],
};

export function declaredLoad(id: string): ApplianceSettings {
  return {
    id,
    name: id,
    room: null,
    icon: null,
    ratedMw: 100_000,
    circuit: 'house',
    priority: 50,
    isProtected: false,
    relay: null,
    onPowerLoss: 'stay_off',
  };
}

export function toggle(appliance: string, isOn: boolean): Input {
  return { kind: 'toggle', appliance, want: isOn ? 'on' : 'off', who: ANNA };
}

export interface BenchHub {
  readonly hub: Hub;
  readonly ledger: OpenLedger;
  close(): Promise<void>;
}

export interface BenchHubOptions {
  readonly commitDelayMs?: number;
  /** Known by name; who drives them is `drivers`. */
  readonly buses?: readonly BusSettings[];
  readonly drivers?: readonly Bus[];
  readonly meters?: readonly Metered[];
  readonly limitMw?: number;
}

/** The queue, the core and the real ledger in its worker; no HTTP, and no boards but `drivers`. `appliances` are declared loads. */
export async function openBenchHub(
  dataDir: string,
  appliances: number,
  { commitDelayMs = 0, buses = [], drivers = [], meters = [], limitMw = HOUSEHOLD.limitMw }: BenchHubOptions = {},
): Promise<BenchHub> {
  const ledger = await openLedger({ dataDir, bootId: 'bench', commitDelayMs });
  const quiet = () => undefined;
  const onTrouble = (what: string, error: unknown) => console.error(what, error);
  const now = timeline(systemClock, ledger.stored.lastUpMs);
  const state = emptyState();
  const hub = new Hub({
    household: { ...HOUSEHOLD, limitMw, buses },
    buses: drivers,
    meters,
    state,
    ledger,
    clock: systemClock,
    now,
    bootId: 'bench',
    onTrouble,
    onProgress: quiet,
  });
  await hub.start();
  for (let i = 0; i < appliances; i += 500) await addAppliances(hub, i, Math.min(appliances, i + 500));
  return {
    hub,
    ledger,
    close: async () => {
      await hub.close();
      await ledger.close();
    },
  };
}

async function addAppliances(hub: Hub, from: number, to: number): Promise<void> {
  const asked = Array.from({ length: to - from }, (_, i) => {
    return hub.queue.ask({ kind: 'add_appliance', settings: declaredLoad(`load-${from + i}`), who: ANNA });
  });
  await Promise.all(asked);
}

/** So many callers, each asking again as soon as it was answered, for so long. Returns decisions per second. */
export async function hammer(hub: Hub, callers: number, forMs: number): Promise<number> {
  const endMs = performance.now() + forMs;
  let decided = 0;
  const caller = async (i: number) => {
    for (let isOn = true; performance.now() < endMs; isOn = !isOn) {
      const answer = await hub.queue.ask(toggle(`load-${i}`, isOn));
      if (answer.ok) decided += 1;
      else await refused(answer.refusal);
    }
  };
  const startMs = performance.now();
  await Promise.all(Array.from({ length: callers }, (_, i) => caller(i)));
  return (decided * 1000) / (performance.now() - startMs);
}

/** A disk that hangs for 250 ms is a refusal that goes by; any other is a fault of ours. */
async function refused({ code, detail }: Refusal): Promise<void> {
  if (code !== 'ledger_unavailable') throw new Error(detail);
  await pause(systemClock, 50);
}

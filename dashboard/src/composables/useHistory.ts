import { computed, onUnmounted, ref, shallowRef, watch } from 'vue';
import { type HubApi, queryOf } from '../http/api.ts';
import { followed, isLive, lastOf, type Present, type Range, rangeOf } from '../state/history-range.ts';
import type { EnergySeriesView, PowerSeriesView } from '../wire.ts';
import type { Failure } from '../words/refusal.ts';
import { useHub } from './useHub.ts';
import { isUnauthorized } from './useSession.ts';

/** `house`, `all` (appliances on top of each other), or one source. */
export type Subject = string;

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
const JUMP_MS = 5 * MINUTE_MS;

export interface Shown {
  readonly subject: Subject;
  readonly range: Range;
  readonly series: readonly PowerSeriesView[];
}

/** What the history page shows: the part of the past, whose power, and what the hub says of it. */
export function useHistory(api: HubApi, signedOut: () => void) {
  const { hubNow, isLive: isConnected } = useHub();
  const timeZone = ref(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const present = computed<Present>(() => ({ nowMs: hubNow.value, timeZone: timeZone.value }));
  const range = shallowRef<Range>(rangeOf('day', hubNow.value, present.value));
  const subject = ref<Subject>('house');
  const shown = shallowRef<Shown | null>(null);
  const energies = shallowRef<readonly EnergySeriesView[]>([]);
  const failure = shallowRef<Failure | null>(null);
  const isAsking = shallowRef(false);
  let asking = new AbortController();

  /** New minutes come each minute; a picture of weeks changes more slowly. */
  const tick = computed(() => {
    if (!isConnected.value) return -1;
    if (!isLive(range.value, hubNow.value)) return 0;
    const everyMs = range.value.toMs - range.value.fromMs <= 2 * DAY_MS ? MINUTE_MS : 10 * MINUTE_MS;
    return Math.floor((hubNow.value - 2000) / everyMs);
  });
  watch(tick, () => {
    range.value = followed(range.value, present.value);
  });
  /** The phone slept, or its clock is not that of the hub: who looked at now goes on doing so. */
  watch(hubNow, (now, before) => {
    if (Math.abs(now - before) > JUMP_MS && isLive(range.value, before))
      range.value = lastOf(range.value, present.value);
  });
  watch([range, subject, tick], () => void load());
  onUnmounted(() => asking.abort());

  void begin();

  /** Days are those of the hub: nothing is asked before its time zone is known. */
  async function begin(): Promise<void> {
    const outcome = await api.history();
    if (outcome.ok && outcome.value.timezone !== timeZone.value) {
      timeZone.value = outcome.value.timezone;
      range.value = rangeOf('day', hubNow.value, present.value);
    }
    await load();
  }

  async function load(): Promise<void> {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    const asked = { subject: subject.value, range: range.value };
    const span = spanOf(asked.range);
    isAsking.value = true;
    const [power, energy] = await Promise.all([
      api.power({ ...span, source: asked.subject }, signal),
      api.energy({ ...span, source: 'all', group: 'none' }, signal),
    ]);
    if (signal.aborted) return;
    isAsking.value = false;
    failure.value = power.ok ? null : power.failure;
    if (!power.ok && isUnauthorized(power.failure)) signedOut();
    if (power.ok) shown.value = { ...asked, series: power.value.sources };
    if (energy.ok) energies.value = energy.value.sources;
  }

  /** What is ahead need not be asked for: the points that there may be are for what was. */
  function spanOf({ fromMs, toMs }: Range) {
    return { fromMs, toMs: Math.max(fromMs + 1, Math.min(toMs, hubNow.value + MINUTE_MS)) };
  }

  /** Where the rows of what is shown can be saved: each minute while it is not more than a month. */
  const csv = computed(() => {
    const span = spanOf(range.value);
    const days = (span.toMs - span.fromMs) / DAY_MS;
    const resolution = days <= 32 ? 'minute' : days <= 740 ? 'hour' : 'day';
    return `/api/power?${queryOf({ ...span, source: subject.value, resolution, format: 'csv' })}`;
  });

  return { timeZone, present, range, subject, shown, energies, failure, isAsking, csv, retry: () => void load() };
}

export type History = ReturnType<typeof useHistory>;

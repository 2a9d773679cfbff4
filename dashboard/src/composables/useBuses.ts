import { computed, type ShallowRef, shallowRef, watch } from 'vue';
import type { HubApi } from '../http/api.ts';
import type { BusView } from '../wire.ts';
import { useHub } from './useHub.ts';
import { useNow } from './useNow.ts';

/** What is wrong with a board may be known better with each try of the hub. */
const ASK_EVERY_MS = 10_000;

/** The boards as the hub has them: asked at once when a relay becomes unreachable or comes back, and now and then. */
export function useBuses(api: HubApi): ShallowRef<readonly BusView[]> {
  const { appliances, isLive } = useHub();
  const now = useNow();
  const buses = shallowRef<readonly BusView[]>([]);
  const unreachable = computed(() =>
    appliances.value.filter(({ fault }) => fault === 'unreachable').map(({ id }) => id),
  );
  const occasion = computed(
    () => `${isLive.value} ${Math.floor(now.value / ASK_EVERY_MS)} ${unreachable.value.join()}`,
  );
  watch(occasion, () => void ask(), { immediate: true });
  return buses;

  async function ask(): Promise<void> {
    if (!isLive.value) return;
    const outcome = await api.buses();
    if (outcome.ok) buses.value = outcome.value.buses;
  }
}

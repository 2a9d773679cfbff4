import { computed, type ShallowRef, shallowRef, watch } from 'vue';
import type { Outcome } from '../http/api.ts';
import { useHub } from './useHub.ts';
import { useNow } from './useNow.ts';

/** What is wrong may be known better with each try of the hub. */
const ASK_EVERY_MS = 10_000;

/** What the feed does not tell: asked at once when a relay becomes unreachable or comes back, and now and then. */
export function useAsked<T>(ask: () => Promise<Outcome<T>>, before: T): ShallowRef<T> {
  const { appliances, isLive } = useHub();
  const now = useNow();
  const answer = shallowRef<T>(before);
  const unreachable = computed(() =>
    appliances.value.filter(({ fault }) => fault === 'unreachable').map(({ id }) => id),
  );
  const occasion = computed(
    () => `${isLive.value} ${Math.floor(now.value / ASK_EVERY_MS)} ${unreachable.value.join()}`,
  );
  watch(occasion, () => void askNow(), { immediate: true });
  return answer;

  async function askNow(): Promise<void> {
    if (!isLive.value) return;
    const outcome = await ask();
    if (outcome.ok) answer.value = outcome.value;
  }
}

import { type ComputedRef, computed, shallowRef } from 'vue';
import type { LiveMessage } from '../wire.ts';
import { useNow, wallMs } from './useNow.ts';

/** The hub's wall clock as its pings tell it: a phone whose own clock is wrong still counts the age of a reading right. */
export function useHubClock(): { readonly hubNow: ComputedRef<number>; heard(message: LiveMessage): void } {
  const now = useNow();
  const aheadMs = shallowRef(0);
  return {
    hubNow: computed(() => now.value + aheadMs.value),
    heard: (message) => {
      if (message.type === 'ping') aheadMs.value = Date.parse(message.at) - wallMs();
    },
  };
}

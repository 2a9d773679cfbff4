import { onMounted, onUnmounted, type ShallowRef, shallowRef } from 'vue';

/** The wall clock, good to a second: only for what is shown (S12). */
export function useNow(): ShallowRef<number> {
  const now = shallowRef(Date.now());
  let timer = 0;
  onMounted(() => {
    timer = window.setInterval(() => {
      now.value = Date.now();
    }, 1000);
  });
  onUnmounted(() => window.clearInterval(timer));
  return now;
}

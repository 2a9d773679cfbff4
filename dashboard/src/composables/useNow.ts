import { onMounted, onUnmounted, type ShallowRef, shallowRef } from 'vue';

/** The wall clock of this very moment, which no timer has to tick for. */
export function wallMs(): number {
  return Date.now();
}

/** The wall clock, good to a second: only for what is shown (S12). */
export function useNow(): ShallowRef<number> {
  const now = shallowRef(wallMs());
  let timer = 0;
  onMounted(() => {
    timer = window.setInterval(() => {
      now.value = wallMs();
    }, 1000);
  });
  onUnmounted(() => window.clearInterval(timer));
  return now;
}

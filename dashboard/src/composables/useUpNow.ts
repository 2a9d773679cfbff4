import { onMounted, onUnmounted, type ShallowRef, shallowRef } from 'vue';

/** Time since the page was opened, which no setting of a clock moves: what a lock has left is counted on it. */
export function upMs(): number {
  return performance.now();
}

/** Fine enough that no second is skipped. */
const TICK_MS = 250;

export function useUpNow(): ShallowRef<number> {
  const now = shallowRef(upMs());
  let timer = 0;
  onMounted(() => {
    timer = window.setInterval(() => {
      now.value = upMs();
    }, TICK_MS);
  });
  onUnmounted(() => window.clearInterval(timer));
  return now;
}

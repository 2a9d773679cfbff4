import { onMounted, onUnmounted, type ShallowRef, shallowRef } from 'vue';

/** What stands behind the # of the address: a page that can be kept as a bookmark, and left with the back button. */
export function useHash(): ShallowRef<string> {
  const hash = shallowRef(location.hash);
  const follow = () => {
    hash.value = location.hash;
  };
  onMounted(() => window.addEventListener('hashchange', follow));
  onUnmounted(() => window.removeEventListener('hashchange', follow));
  return hash;
}

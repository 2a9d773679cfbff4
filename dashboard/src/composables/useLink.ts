import { onMounted, onUnmounted, type ShallowRef, shallowRef } from 'vue';
import { type Link, LiveFeed } from '../live/feed.ts';
import { openSocket } from '../live/socket.ts';
import type { LiveMessage } from '../wire.ts';

export interface LinkUse {
  lastSeq(): number | null;
  message(message: LiveMessage): void;
  isSignedOut(): Promise<boolean>;
  signedOut(): void;
}

/** The browser's side of the live feed: its clocks, its WebSocket, and the moments at which a phone wakes up. */
export function useLink(use: LinkUse): { readonly link: ShallowRef<Link>; retryNow(): void } {
  const link = shallowRef<Link>({ phase: 'connecting' });
  const baseUrl = location.origin.replace(/^http/, 'ws');
  const feed = new LiveFeed(
    {
      open: (afterSeq, on) => openSocket(baseUrl, afterSeq, on),
      lastSeq: use.lastSeq,
      isSignedOut: use.isSignedOut,
      monotonicMs: () => performance.now(),
      wallMs: () => Date.now(),
      later,
      random: () => Math.random(),
    },
    {
      message: use.message,
      link: (next) => {
        link.value = next;
      },
      signedOut: use.signedOut,
    },
  );
  const wake = () => {
    if (document.visibilityState === 'hidden') return;
    feed.check();
    feed.retryNow();
  };
  onMounted(() => {
    feed.start();
    document.addEventListener('visibilitychange', wake);
    for (const kind of ['pageshow', 'online', 'focus']) window.addEventListener(kind, wake);
  });
  onUnmounted(() => {
    feed.stop();
    document.removeEventListener('visibilitychange', wake);
    for (const kind of ['pageshow', 'online', 'focus']) window.removeEventListener(kind, wake);
  });
  return { link, retryNow: () => feed.retryNow() };
}

function later(ms: number, task: () => void): () => void {
  const timer = setTimeout(task, ms);
  return () => clearTimeout(timer);
}

import { reach } from '../state/fingers.ts';

/** What fingers and wheels do to a chart. Numbers are in CSS pixels of its plotting area. */
export interface Gestures {
  /** While it goes on: moved by `dx`, and `factor` times as wide around `x`. */
  readonly preview: (dx: number, factor: number, x: number) => void;
  /** It is over: what was previewed counts; false: it was none. */
  readonly end: (isMeant: boolean) => void;
  /** A wheel turned, or two fingers on a touch pad. */
  readonly wheel: (factor: number, x: number) => void;
}

interface Finger {
  readonly startX: number;
  x: number;
}

const MEANT_PX = 6;

/** One finger moves, two zoom; the page still scrolls up and down. Returns what ends it. */
export function listenGestures(area: HTMLElement, on: Gestures): () => void {
  const fingers = new Map<number, Finger>();
  let isMeant = false;

  const leftOf = ({ clientX }: { readonly clientX: number }) => clientX - area.getBoundingClientRect().left;
  const begin = (event: PointerEvent) => {
    if (event.pointerType !== 'touch') return;
    if (fingers.size === 0) isMeant = false;
    const x = leftOf(event);
    for (const [id, finger] of fingers) fingers.set(id, { startX: finger.x, x: finger.x });
    fingers.set(event.pointerId, { startX: x, x });
  };
  const move = (event: PointerEvent) => {
    const finger = fingers.get(event.pointerId);
    if (finger === undefined) return;
    finger.x = leftOf(event);
    const { dx, factor, x } = reach([...fingers.values()]);
    isMeant ||= fingers.size > 1 || Math.abs(dx) > MEANT_PX;
    if (isMeant) on.preview(dx, factor, x);
  };
  const end = (event: PointerEvent) => {
    if (!fingers.delete(event.pointerId)) return;
    fingers.clear();
    on.end(isMeant && event.type === 'pointerup');
    isMeant = false;
  };
  const wheel = (event: WheelEvent) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    on.wheel(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 100)) * 0.35), leftOf(event));
  };
  area.addEventListener('pointerdown', begin);
  area.addEventListener('wheel', wheel, { passive: false });
  window.addEventListener('pointermove', move);
  for (const kind of ['pointerup', 'pointercancel'] as const) window.addEventListener(kind, end);
  return () => {
    area.removeEventListener('pointerdown', begin);
    area.removeEventListener('wheel', wheel);
    window.removeEventListener('pointermove', move);
    for (const kind of ['pointerup', 'pointercancel'] as const) window.removeEventListener(kind, end);
  };
}

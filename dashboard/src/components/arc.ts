import type { Part } from '../state/load-parts.ts';
import type { LoadView } from '../wire.ts';

/** The half circle of the meter: figures are those of its drawing, 400 wide. */
export const CENTRE = { x: 200, y: 190 };
export const RADIUS = 136;
export const RING_RADIUS = 162;
const ROOM_ABOVE_LIMIT = 1.2;
const GAP_SHARE = 0.005;

/** The watts at the right end: the limit never stands at the edge, so that what is above it can be seen. */
export function scaleOf({ limit_w: limit, reserved_w: reserved, measured_w: measured }: LoadView): number {
  return Math.max(limit * ROOM_ABOVE_LIMIT, Math.max(reserved, measured ?? 0) * 1.04);
}

export function pointAt(share: number, radius: number): { readonly x: number; readonly y: number } {
  const angle = Math.PI * (1 - Math.min(1, Math.max(0, share)));
  return { x: round(CENTRE.x + radius * Math.cos(angle)), y: round(CENTRE.y - radius * Math.sin(angle)) };
}

export function halfCircle(radius: number): string {
  const { x, y } = CENTRE;
  return `M${x - radius} ${y}A${radius} ${radius} 0 0 1 ${x + radius} ${y}`;
}

export interface Stretch {
  readonly id: string;
  readonly kind: Part['kind'];
  readonly dashArray: string;
  readonly dashOffset: string;
}

/** Each part as a dash of a path whose length is the scale in watts, a hair apart from the next. */
export function stretches(parts: readonly Part[], scaleW: number): readonly Stretch[] {
  let fromW = 0;
  return parts.map(({ id, kind, watts }) => {
    const start = fromW;
    fromW += watts;
    const length = Math.max(watts - scaleW * GAP_SHARE, scaleW * 0.001);
    return { id, kind, dashArray: `${round(length)} ${round(scaleW * 2)}`, dashOffset: `${-round(start)}` };
  });
}

/** One dash from `fromW` to `toW`. */
export function dash(fromW: number, toW: number, scaleW: number): { readonly array: string; readonly offset: string } {
  return { array: `${round(Math.max(0, toW - fromW))} ${round(scaleW * 2)}`, offset: `${-round(fromW)}` };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

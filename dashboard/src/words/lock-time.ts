/** How long a lock is held still. Rounded up: what is left is never told as nothing. Null: it has no end of its own. */

/** `42 s`, `3 min`, `2 h`: beside a toggle. */
export function sayLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return seconds <= 5400 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`;
}

/** `42 s`, `3 min 05 s`, `2 h 10 min`: where it is seen counting down. */
export function sayCountdown(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

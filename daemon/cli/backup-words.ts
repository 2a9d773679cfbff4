/** In UTC, as everywhere; a ledger of a hub that never started has no last event. */
export function momentOf(wallMs: number | null): string {
  return wallMs === null ? 'no time yet' : new Date(wallMs).toISOString();
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0)} MB`;
}

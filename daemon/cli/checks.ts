/** One line of `voltsafe doctor`. */
export interface Check {
  readonly level: 'ok' | 'warn' | 'fail';
  readonly what: string;
  /** What to do; null where all is well. */
  readonly advice: string | null;
}

export function ok(what: string): Check {
  return { level: 'ok', what, advice: null };
}

export function warn(what: string, advice: string): Check {
  return { level: 'warn', what, advice };
}

export function fail(what: string, advice: string): Check {
  return { level: 'fail', what, advice };
}

/** What a person asked of the simulator that it cannot do: where in the request, and what was expected there. */
export class BadInput extends Error {
  readonly path: string;
  constructor(path: string, message: string) {
    super(message);
    this.name = 'BadInput';
    this.path = path;
  }
}

/** A plain object with no other fields than these. */
export function fieldsOf(value: unknown, allowed: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadInput('', 'expected a JSON object');
  }
  const fields: Record<string, unknown> = { ...value };
  for (const name of Object.keys(fields)) {
    if (!allowed.includes(name)) throw new BadInput(name, `unknown field; known are ${allowed.join(', ')}`);
  }
  return fields;
}

export function wholeNumber(value: unknown, path: string, low: number, high: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high) return value;
  throw new BadInput(path, `expected a whole number from ${low} to ${high}`);
}

export function trueOrFalse(value: unknown, path: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new BadInput(path, 'expected true or false');
}

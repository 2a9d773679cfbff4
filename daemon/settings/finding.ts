/** Something wrong at a place of the file, before that place has a line. */
export interface Finding {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** The key itself is wrong, not its value. */
  readonly atKey?: boolean;
}

/** One entry of a list, and where it stands. */
export interface Entry<T> {
  readonly index: number;
  readonly value: T;
}

/** `buses[0].unit` */
export function pathText(path: readonly (string | number)[]): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join('');
}

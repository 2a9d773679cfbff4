/** A request to the control port, already read and parsed. */
export interface ControlRequest {
  readonly method: string;
  readonly path: string;
  /** Which board of the line; the first when null. */
  readonly unit: string | null;
  /** Which meter, from 1 on, where a meter is meant. */
  readonly meter: string | null;
  readonly body: unknown;
}

export type ControlBody = Readonly<Record<string, unknown>>;

export interface ControlAnswer {
  readonly status: number;
  readonly body: ControlBody;
}

export function invalid(path: string, message: string): ControlAnswer {
  const detail = path === '' ? message : `${path}: ${message}`;
  return { status: 400, body: { code: 'invalid_request', detail, errors: [{ path, message }] } };
}

export function problem(status: number, code: string, detail: string): ControlAnswer {
  return { status, body: { code, detail } };
}

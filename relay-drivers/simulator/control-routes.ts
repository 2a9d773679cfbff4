import { BadInput, fieldsOf, trueOrFalse, wholeNumber } from './bad-input.ts';
import type { Board } from './board.ts';
import { parseFaultChange } from './faults.ts';

/** A request to the control port, already read and parsed. */
export interface ControlRequest {
  readonly method: string;
  readonly path: string;
  /** Which board of the line; the first when null. */
  readonly unit: string | null;
  readonly body: unknown;
}

export interface ControlAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

type Handle = (board: Board, request: ControlRequest, number: number) => Readonly<Record<string, unknown>>;

interface Route {
  readonly method: 'GET' | 'POST';
  /** A path, or a path that a channel's number follows. */
  readonly path: RegExp;
  readonly handle: Handle;
}

const ROUTES: readonly Route[] = [
  { method: 'GET', path: /^\/coils$/, handle: (board) => ({ coils: board.coils() }) },
  { method: 'GET', path: /^\/log$/, handle: (board) => ({ log: board.log() }) },
  { method: 'GET', path: /^\/faults$/, handle: (board) => ({ faults: board.faults() }) },
  { method: 'POST', path: /^\/faults$/, handle: setFaults },
  { method: 'POST', path: /^\/inputs\/(\d{1,3})$/, handle: setInput },
  { method: 'POST', path: /^\/buttons\/(\d{1,3})$/, handle: pressButton },
];

export function answer(boards: readonly Board[], request: ControlRequest): ControlAnswer {
  const here = ROUTES.filter((route) => route.path.test(request.path));
  if (here.length === 0) return problem(404, 'not_found', `nothing is at ${request.path}; see the simulator's README`);
  const route = here.find(({ method }) => method === request.method);
  if (!route) return problem(405, 'method_not_allowed', `use ${here.map(({ method }) => method).join(' or ')}`);
  try {
    const number = Number(route.path.exec(request.path)?.[1] ?? 0);
    return { status: 200, body: route.handle(boardOf(boards, request.unit), request, number) };
  } catch (error) {
    if (error instanceof BadInput) return invalid(error.path, error.message);
    throw error;
  }
}

export function invalid(path: string, message: string): ControlAnswer {
  const detail = path === '' ? message : `${path}: ${message}`;
  return { status: 400, body: { code: 'invalid_request', detail, errors: [{ path, message }] } };
}

export function problem(status: number, code: string, detail: string): ControlAnswer {
  return { status, body: { code, detail } };
}

function boardOf(boards: readonly Board[], unit: string | null): Board {
  const found = unit === null ? boards[0] : boards.find((board) => String(board.unit) === unit);
  if (!found) throw new BadInput('unit', `expected one of ${boards.map((board) => board.unit).join(', ')}`);
  return found;
}

function setFaults(board: Board, { body }: ControlRequest): Readonly<Record<string, unknown>> {
  board.setFaults(parseFaultChange(body, board.channels));
  return { faults: board.faults() };
}

function setInput(board: Board, { body }: ControlRequest, number: number): Readonly<Record<string, unknown>> {
  const input = wholeNumber(number, 'input', 1, board.channels);
  const pressed = trueOrFalse(fieldsOf(body, ['pressed']).pressed, 'pressed');
  board.setInput(input, pressed);
  return { input, pressed };
}

function pressButton(board: Board, { body }: ControlRequest, number: number): Readonly<Record<string, unknown>> {
  fieldsOf(body ?? {}, []);
  const channel = wholeNumber(number, 'button', 1, board.channels);
  board.pressButton(channel);
  return { coils: board.coils() };
}

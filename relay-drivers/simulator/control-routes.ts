import { BadInput, fieldsOf, trueOrFalse, wholeNumber } from './bad-input.ts';
import type { Board } from './board.ts';
import { type ControlAnswer, type ControlBody, type ControlRequest, invalid, problem } from './control-answer.ts';
import { parseFaultChange } from './faults.ts';
import { parseTruth, tellMeter } from './meter-truth.ts';
import type { MeterTwin } from './meter-twin.ts';
import { PLUG_ROUTES, type Plugs } from './plug-routes.ts';

/** What hangs on the line, and what is a client of a broker. */
export interface Devices {
  readonly boards: readonly Board[];
  readonly meters: readonly MeterTwin[];
  /** Beside the line. */
  readonly plugs?: Plugs;
}

type Handle = (devices: Devices, request: ControlRequest, number: number) => ControlBody;

interface Route {
  readonly method: 'GET' | 'POST';
  /** A path, or a path that a channel's or a meter's number follows. */
  readonly path: RegExp;
  readonly handle: Handle;
}

const ROUTES: readonly Route[] = [
  { method: 'GET', path: /^\/coils$/, handle: (devices, at) => ({ coils: boardOf(devices, at).coils() }) },
  { method: 'GET', path: /^\/log$/, handle: (devices, at) => ({ log: boardOf(devices, at).log() }) },
  { method: 'GET', path: /^\/faults$/, handle: (devices, at) => ({ faults: faultyOf(devices, at).faults() }) },
  { method: 'POST', path: /^\/faults$/, handle: setFaults },
  { method: 'POST', path: /^\/inputs\/(\d{1,3})$/, handle: setInput },
  { method: 'POST', path: /^\/buttons\/(\d{1,3})$/, handle: pressButton },
  { method: 'GET', path: /^\/meters$/, handle: ({ meters }) => ({ meters: meters.map(tellMeter) }) },
  { method: 'POST', path: /^\/meters\/(\d{1,3})$/, handle: setMeter },
  ...PLUG_ROUTES,
];

export function answer(devices: Devices, request: ControlRequest): ControlAnswer {
  const here = ROUTES.filter((route) => route.path.test(request.path));
  if (here.length === 0) return problem(404, 'not_found', `nothing is at ${request.path}; see the simulator's README`);
  const route = here.find(({ method }) => method === request.method);
  if (!route) return problem(405, 'method_not_allowed', `use ${here.map(({ method }) => method).join(' or ')}`);
  try {
    const number = Number(route.path.exec(request.path)?.[1] ?? 0);
    return { status: 200, body: route.handle(devices, request, number) };
  } catch (error) {
    if (error instanceof BadInput) return invalid(error.path, error.message);
    throw error;
  }
}

function boardOf({ boards }: Devices, { unit }: ControlRequest): Board {
  const found = unit === null ? boards[0] : boards.find((board) => String(board.unit) === unit);
  if (!found)
    throw new BadInput('unit', `expected one of ${boards.map((board) => board.unit).join(', ') || 'no boards'}`);
  return found;
}

function meterOf({ meters }: Devices, number: number): MeterTwin {
  const found = meters[number - 1];
  if (!found) throw new BadInput('meter', `expected a meter's number from 1 to ${meters.length}`);
  return found;
}

function faultyOf(devices: Devices, request: ControlRequest): Board | MeterTwin {
  return request.meter === null ? boardOf(devices, request) : meterOf(devices, Number(request.meter));
}

function setFaults(devices: Devices, request: ControlRequest): ControlBody {
  const faulty = faultyOf(devices, request);
  faulty.setFaults(parseFaultChange(request.body, 'channels' in faulty ? faulty.channels : 0));
  return { faults: faulty.faults() };
}

function setInput(devices: Devices, request: ControlRequest, number: number): ControlBody {
  const board = boardOf(devices, request);
  const input = wholeNumber(number, 'input', 1, board.channels);
  const pressed = trueOrFalse(fieldsOf(request.body, ['pressed']).pressed, 'pressed');
  board.setInput(input, pressed);
  return { input, pressed };
}

function pressButton(devices: Devices, request: ControlRequest, number: number): ControlBody {
  const board = boardOf(devices, request);
  fieldsOf(request.body ?? {}, []);
  const channel = wholeNumber(number, 'button', 1, board.channels);
  board.pressButton(channel);
  return { coils: board.coils() };
}

function setMeter(devices: Devices, { body }: ControlRequest, number: number): ControlBody {
  const meter = meterOf(devices, number);
  meter.measure(parseTruth(body, meter.truth));
  return tellMeter(meter, number - 1);
}

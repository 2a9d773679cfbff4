import { BadInput, fieldsOf, wholeNumber } from './bad-input.ts';
import type { ControlBody, ControlRequest } from './control-answer.ts';
import type { SimulatedPlug } from './plug.ts';
import { parsePlugFaults } from './plug-faults.ts';

/** What the control port does with plugs. Each is found by its name, in the path. */

export type Plugs = readonly SimulatedPlug[];

type Handle = (plug: SimulatedPlug, request: ControlRequest, number: number) => ControlBody;

const MAX_W = 1_000_000;

const NAME = '([A-Za-z0-9_.-]{1,64})';
const of = (what: string) => new RegExp(`^/plugs/${NAME}/${what}$`);

export const PLUG_ROUTES = [
  { method: 'GET', path: /^\/plugs$/, handle: ({ plugs = [] }: { plugs?: Plugs }) => ({ plugs: plugs.map(tellPlug) }) },
  { method: 'GET', path: of('coils'), handle: onPlug((plug) => ({ coils: plug.coils() })) },
  { method: 'GET', path: of('log'), handle: onPlug((plug) => ({ log: plug.log() })) },
  { method: 'GET', path: of('faults'), handle: onPlug((plug) => ({ faults: plug.faults() })) },
  { method: 'POST', path: of('faults'), handle: onPlug(setFaults) },
  { method: 'POST', path: of('buttons/(\\d{1,3})'), handle: onPlug(pressButton) },
  { method: 'POST', path: of('loads/(\\d{1,3})'), handle: onPlug(setLoad) },
  { method: 'POST', path: of('report'), handle: onPlug(report) },
] as const;

function onPlug(handle: Handle) {
  return ({ plugs = [] }: { readonly plugs?: Plugs }, request: ControlRequest): ControlBody => {
    const [, , name, , number] = request.path.split('/');
    const plug = plugs.find((one) => one.name === name);
    if (plug) return handle(plug, request, Number(number ?? 0));
    throw new BadInput('plug', `expected one of ${plugs.map((one) => one.name).join(', ') || 'no plugs'}`);
  };
}

function tellPlug(plug: SimulatedPlug): ControlBody {
  const channels = plug.coils().map(({ channel, closed }) => ({
    channel,
    closed,
    power_w: plug.powerW(channel),
    energy_wh: plug.energyWh(channel),
  }));
  return { name: plug.name, connected: plug.isConnected, channels };
}

function setFaults(plug: SimulatedPlug, { body }: ControlRequest): ControlBody {
  plug.setFaults(parsePlugFaults(body, plug.channels));
  return { faults: plug.faults() };
}

function pressButton(plug: SimulatedPlug, { body }: ControlRequest, number: number): ControlBody {
  fieldsOf(body ?? {}, []);
  plug.pressButton(wholeNumber(number, 'button', 1, plug.channels));
  return { coils: plug.coils() };
}

/** Its telemetry, which some makes tell every few minutes only. */
function report(plug: SimulatedPlug, { body }: ControlRequest): ControlBody {
  fieldsOf(body ?? {}, []);
  plug.report();
  return tellPlug(plug);
}

/** Something else is plugged in. */
function setLoad(plug: SimulatedPlug, { body }: ControlRequest, number: number): ControlBody {
  const channel = wholeNumber(number, 'load', 1, plug.channels);
  const { power_w } = fieldsOf(body, ['power_w']);
  if (typeof power_w !== 'number' || !(power_w >= 0 && power_w <= MAX_W))
    throw new BadInput('power_w', `expected watts from 0 to ${MAX_W}`);
  plug.draw(channel, power_w);
  return tellPlug(plug);
}

import { resolve } from 'node:path';
import { configurationOf } from '../../relay-drivers/find/configuration.ts';
import { type FindOptions, findOn, type PortReport } from '../../relay-drivers/find/find.ts';
import { type SerialDevice, serialDevices, udevPorts } from '../../relay-drivers/find/serial-ports.ts';
import { ON_REQUEST, type OnRequest } from '../../relay-drivers/find/unaddressed.ts';
import { realPorts } from '../../relay-drivers/transport/open.ts';
import { oneOf, wholeNumber } from './arg-values.ts';
import { type Args, readArgs } from './args.ts';
import { usageError } from './errors.ts';
import { type CliIo, FAILED, OK } from './io.ts';
import { portAdvice } from './port-advice.ts';
import { SYNOPSIS } from './synopsis.ts';

const VALUES = ['scan', 'baud', 'parity', 'ask'];
const PARITIES = ['none', 'even', 'odd'] as const;
/** Its modules are known by their USB id, so that they need not be asked for. */
const NUMATO_VENDOR = '2a19';

/** A port and what answers on it. */
type Looked = SerialDevice & { readonly report: PortReport };

/** Serial ports with stable names, what answers on them, and a ready configuration block. It only reads. */
export async function run(words: readonly string[], io: CliIo): Promise<number> {
  const args = readArgs(words, { usage: SYNOPSIS.ports, values: VALUES, flags: ['json'], hasMore: true });
  const options = optionsOf(args, io);
  const devices = args.more.length > 0 ? args.more.map((path) => named(path, io)) : await serialDevices(udevPorts);
  const looked: Looked[] = [];
  // One after the other: their words would mix, and a hub with ten adapters is not in a hurry.
  for (const device of devices)
    looked.push({ ...device, report: await findOn(device.path, withVendor(options, device)) });
  const configuration = configurationOf(looked.map(({ report }) => report));
  if (args.flag('json')) io.out(JSON.stringify({ ports: looked.map(shown), configuration }));
  else print(looked, configuration, io);
  const isAllClosed = looked.length > 0 && looked.every(({ report }) => report.closedBecause !== null);
  return args.more.length > 0 && isAllClosed ? FAILED : OK;
}

function named(path: string, { cwd }: CliIo): SerialDevice {
  const full = path.startsWith('tcp:') ? path : resolve(cwd, path);
  return { device: full, path: full, manufacturer: null, vendorId: null, productId: null };
}

function withVendor(options: FindOptions, { vendorId }: SerialDevice): FindOptions {
  const isNumato = vendorId?.toLowerCase() === NUMATO_VENDOR;
  return isNumato ? { ...options, ask: [...(options.ask ?? []), 'numato'] } : options;
}

function optionsOf(args: Args, io: CliIo): FindOptions {
  const baud = wholeNumber(args, 'baud', 300, 1_000_000);
  const parity = oneOf(args, 'parity', PARITIES);
  const scan = scanOf(args);
  return {
    openPort: realPorts(io.clock),
    clock: io.clock,
    progress: (text) => io.err(text),
    ...(baud === undefined ? {} : { baud }),
    ...(parity === undefined ? {} : { parity }),
    ...(scan === null ? {} : { scan }),
    ask: askOf(args),
  };
}

function scanOf(args: Args): [number, number] | null {
  const text = args.value('scan');
  if (text === undefined) return null;
  const [first = 0, last = first] = text.split('-').map(Number);
  const isRange = /^\d+(-\d+)?$/.test(text) && first >= 1 && last <= 255 && first <= last;
  if (!isRange) throw usageError(`--scan takes unit addresses such as 1-247, not "${text}"`);
  return [first, last];
}

function askOf(args: Args): OnRequest[] {
  const names = args.value('ask')?.split(',') ?? [];
  return names.map((name) => {
    const family = ON_REQUEST.find((one) => one === name);
    if (family === undefined) throw usageError(`--ask takes ${ON_REQUEST.join(', ')}, not "${name}"`);
    return family;
  });
}

function print(looked: readonly Looked[], configuration: string, io: CliIo): void {
  if (looked.length === 0)
    io.out('There is no serial port here. Plug the adapter in, or name a port: voltsafe ports /dev/ttyUSB0');
  for (const port of looked) {
    io.out(heading(port));
    for (const line of linesOf(port.report)) io.out(`  ${line}`);
  }
  if (configuration === '') return;
  io.out('');
  io.out('For the configuration file (check channels and models first):');
  io.out('');
  for (const line of configuration.split('\n')) io.out(line);
}

function heading({ device, path, manufacturer, vendorId, productId }: SerialDevice): string {
  const ids = vendorId === null ? [] : [`${vendorId}:${productId ?? '?'}`];
  const parts = [...(device === path ? [] : [device]), ...ids, ...(manufacturer === null ? [] : [manufacturer])];
  return parts.length === 0 ? path : `${path} (${parts.join(', ')})`;
}

function linesOf({ path, closedBecause, findings, isBabbling, isTimeUp, leftOut }: PortReport): string[] {
  if (closedBecause !== null) return [`cannot be opened: ${closedBecause}`, `what to do: ${portAdvice(closedBecause)}`];
  const found = findings.map(({ driver, unit, baud, parity, says }) => {
    const address = unit === null ? '' : `, unit ${unit}`;
    return `${driver ?? 'unknown'}${address}, ${baud} baud, parity ${parity}: ${says}`;
  });
  const rest =
    leftOut.length === 0
      ? []
      : [`not asked, since it could switch a board of another kind: unit ${leftOut.join(', ')}`];
  return [...(found.length === 0 ? [nothing(path, isBabbling, isTimeUp)] : found), ...rest];
}

function nothing(path: string, isBabbling: boolean, isTimeUp: boolean): string {
  if (isBabbling)
    return 'something sends here, but nothing that a driver knows: another baud rate or parity (--baud, --parity), or another kind of device';
  const late = isTimeUp ? ' in time' : '';
  return (
    `nothing answers${late}. Check power and A/B; then try other addresses (voltsafe ports ${path} --scan 1-247), even parity ` +
    '(--parity even), or say what it is (--ask lcus, kmtronic or numato: boards that are not asked unasked)'
  );
}

function shown({ report, device, manufacturer, vendorId, productId }: Looked): object {
  const { path, closedBecause, findings, isBabbling, leftOut, isTimeUp } = report;
  return {
    path,
    device,
    manufacturer,
    vendor_id: vendorId,
    product_id: productId,
    closed_because: closedBecause,
    advice: closedBecause === null ? null : portAdvice(closedBecause),
    findings,
    is_babbling: isBabbling,
    not_asked: leftOut,
    is_time_up: isTimeUp,
  };
}

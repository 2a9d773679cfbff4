import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** A serial port of this machine. */
export interface SerialDevice {
  /** What the kernel calls it; changes when adapters are plugged in another order. */
  readonly device: string;
  /** The name to configure: by its serial number, else by the socket it is plugged into, else the kernel's. */
  readonly path: string;
  readonly manufacturer: string | null;
  readonly vendorId: string | null;
  readonly productId: string | null;
}

/** Where the system keeps its names; a test has folders of its own. */
export interface Places {
  readonly stable: readonly string[];
  readonly devices: string;
  readonly classes: string;
}

const PLACES: Places = {
  stable: ['/dev/serial/by-id', '/dev/serial/by-path'],
  devices: '/dev',
  classes: '/sys/class/tty',
};
const DEVICE = /^tty(USB|ACM|AMA|XRUSB|SC|S)\d+$/;
/** The kernel keeps names for UARTs that are not there; their type is 0. */
const NO_UART = '0';

type Told = Pick<SerialDevice, 'manufacturer' | 'vendorId' | 'productId'> & { readonly path: string };

/** Also without udev: then without makers, by what lies in /dev. */
export async function serialDevices(
  told: () => Promise<readonly Told[]>,
  places: Places = PLACES,
): Promise<SerialDevice[]> {
  const known = new Map((await told().catch(() => [])).map((port) => [port.path, port]));
  const names = (await list(places.devices)).filter((name) => DEVICE.test(name));
  const devices = new Set([...known.keys(), ...names.map((name) => join(places.devices, name))]);
  const consoles = await consoleNames(places);
  const stable = await stableNames(places.stable);
  const found = await Promise.all(
    [...devices].map(async (device) => ((await isThere(device, places)) ? device : null)),
  );
  return (
    found
      .filter((device) => device !== null)
      // Somebody may be logged in there, and what is sent would be typed for them. Named, it is asked all the same.
      .filter((device) => !consoles.has(basename(device)))
      .sort()
      .map((device) => {
        const { manufacturer = null, vendorId = null, productId = null } = known.get(device) ?? {};
        return { device, path: stable.get(device) ?? device, manufacturer, vendorId, productId };
      })
  );
}

/** Device -> its first stable name. Two adapters without a serial number share a name by-id, and one of them has it. */
async function stableNames(folders: readonly string[]): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const folder of folders) {
    for (const name of (await list(folder)).sort()) {
      const path = join(folder, name);
      const device = await realpath(path).catch(() => null);
      if (device !== null && !names.has(device)) names.set(device, path);
    }
  }
  return names;
}

/** Where the kernel writes its messages. */
async function consoleNames({ classes }: Places): Promise<Set<string>> {
  const text = await readFile(join(classes, 'console', 'active'), 'utf8').catch(() => '');
  return new Set(text.split(/\s+/));
}

async function isThere(device: string, { classes }: Places): Promise<boolean> {
  const type = await readFile(join(classes, basename(device), 'type'), 'utf8').catch(() => 'unknown');
  return type.trim() !== NO_UART;
}

async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** What udev says, through serialport; loaded only when somebody asks. */
export async function udevPorts(): Promise<Told[]> {
  const { SerialPort } = await import('serialport');
  return (await SerialPort.list()).map(({ path, manufacturer, vendorId, productId }) => ({
    path,
    manufacturer: manufacturer ?? null,
    vendorId: vendorId ?? null,
    productId: productId ?? null,
  }));
}

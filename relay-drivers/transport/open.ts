import type { Clock } from '../clock.ts';
import { isTcpPath, type PortSettings, parseTcpPath } from './address.ts';
import type { OpenPipe } from './pipe.ts';
import { openTcp } from './tcp.ts';

export type PortOpener = (settings: PortSettings) => OpenPipe;

/** Opens real ports. serialport is loaded only when a serial port is: a hub without one does not carry its memory. */
export function realPorts(clock: Clock): PortOpener {
  return (settings) => async () => {
    if (!isTcpPath(settings.path)) return (await import('./serial.ts')).openSerial(settings, clock);
    const address = parseTcpPath(settings.path);
    if (!address) throw new Error(`${settings.path} is not of the form tcp://host:port`);
    return openTcp(address, clock);
  };
}

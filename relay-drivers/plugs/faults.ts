import { DriverError } from '../driver.ts';

const POWER_AND_WIFI =
  'check that it has power and reaches its Wi-Fi, and the address of the broker, the user name and the password in its own settings';
const TOPICS = `${POWER_AND_WIFI}; then its topics in the configuration`;

export function missingChannel(plug: string, channel: number, channels: number): DriverError {
  return new DriverError(
    'exception',
    `${plug}: channel ${channel} does not exist on a device of ${channels}; nothing was sent`,
  );
}

export function notValid(plug: string): DriverError {
  return new DriverError('not_valid', `${plug}: no longer wanted when its turn came; nothing was sent`);
}

export function closed(plug: string, reason: string): DriverError {
  return new DriverError('port_closed', `${plug}: ${reason}`, undefined, undefined, POWER_AND_WIFI);
}

export function silent(plug: string, what: string, timeoutMs: number): DriverError {
  return timeout(`${plug}: ${what}: no answer within ${timeoutMs} ms`);
}

export function superseded(plug: string, what: string): DriverError {
  return timeout(`${plug}: ${what}: an OFF took its place before it was seen to be obeyed`);
}

export function tooMany(plug: string, limit: number): DriverError {
  return timeout(`${plug}: ${limit} orders or readings wait already; nothing was sent`);
}

export function refused(plug: string, what: string, detail: string | null): DriverError {
  return new DriverError(
    'exception',
    `${plug}: ${what} was refused${detail === null ? '' : `: ${detail}`}`,
    undefined,
    undefined,
    'check the number of channels in the configuration, and whether the device allows control over MQTT',
  );
}

function timeout(what: string): DriverError {
  return new DriverError('timeout', what, undefined, undefined, TOPICS);
}

import { DriverError } from '../../relay-drivers/driver.ts';
import type { BoardParts } from './port.ts';

/**
 * One exchange with a board. Its failure is a value, so that no fault of a driver can stop the hub; a fault that is
 * not the driver's own error is reported and counts as a board that did not answer.
 */
export async function ask<T>(parts: BoardParts, exchange: () => Promise<T>): Promise<T | DriverError> {
  try {
    return await exchange();
  } catch (error) {
    if (error instanceof DriverError) return error;
    parts.onTrouble(`the driver of bus ${parts.bus} broke`, error);
    return new DriverError('timeout', `bus ${parts.bus}: ${String(error)}`);
  } finally {
    parts.onExchange();
  }
}

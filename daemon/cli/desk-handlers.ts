import type { Handlers } from './control-wire.ts';
import { mqttUserHandlers } from './mqtt-user-handlers.ts';
import type { TokenDesk } from './ports.ts';
import { tokenHandlers } from './token-handlers.ts';

/** What the command line may ask of a hub: over the control socket, or of a ledger that no hub holds. */
export function deskHandlers(desk: TokenDesk, wallMs: () => number): Handlers {
  return { ...tokenHandlers(desk, wallMs), ...mqttUserHandlers(desk, wallMs) };
}

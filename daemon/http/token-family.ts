import type { Token } from '../core/model.ts';
import type { HubPort } from './port.ts';

/** The sessions that came from a token, oldest first: their ids begin with its id and a dot. */
export function sessionsOf(hub: HubPort, parentId: string): Token[] {
  return hub
    .tokens()
    .filter(({ id, use }) => use === 'session' && id.startsWith(`${parentId}.`))
    .sort((a, b) => a.createdWallMs - b.createdWallMs);
}

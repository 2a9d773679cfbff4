import { callerOf } from '../access.ts';
import type { App } from '../app-type.ts';
import { HTTP_LIMITS } from '../limits.ts';
import type { LiveFeed } from '../live.ts';
import { LiveVerbs, type VerbsParts } from '../live-verbs.ts';
import { failures } from '../openapi.ts';
import { Problem } from '../problems.ts';
import { liveMessage, liveQuery } from '../wire.ts';

/** The live feed. Refusals are ordinary problems, answered before the connection is upgraded. */
export function liveRoute(app: App, live: LiveFeed, parts: Omit<VerbsParts, 'caller' | 'send'>): void {
  app.route({
    method: 'GET',
    url: '/api/live',
    config: { access: 'viewer' },
    schema: {
      summary:
        'Live feed (WebSocket): these messages. It takes verbs of locks (LockVerb) and answers them with replies',
      querystring: liveQuery,
      response: { 101: liveMessage, ...failures },
    },
    preHandler: async (request) => {
      if (!request.ws) throw Problem.invalid([{ path: '', message: 'this address speaks WebSocket only' }]);
      if (live.size >= HTTP_LIMITS.liveClients)
        throw new Problem('too_many_clients', `At most ${HTTP_LIMITS.liveClients} live feeds are open at once.`);
    },
    handler: () => undefined,
    wsHandler: (socket, request) => {
      const { after } = request.query as { after?: number };
      const caller = callerOf(request);
      const send = live.add(socket, caller.token.secretHash, after ?? null);
      new LiveVerbs({ ...parts, caller, send }).attach(socket);
    },
  });
}

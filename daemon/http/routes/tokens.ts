import type { Clock } from '../../../relay-drivers/clock.ts';
import type { Token } from '../../core/model.ts';
import { callerOf } from '../access.ts';
import { accepted } from '../answers.ts';
import type { App } from '../app-type.ts';
import { failures, nothing } from '../openapi.ts';
import type { HubPort } from '../port.ts';
import { hashSecret, newSecret, newTokenId } from '../secrets.ts';
import * as wire from '../wire.ts';

/** Tokens of programs, and the sessions that came from them. */
export function tokenRoutes(app: App, hub: HubPort, clock: Clock): void {
  app.get(
    '/api/tokens',
    {
      config: { access: 'admin' },
      schema: {
        summary: 'All tokens and sessions, without their secrets',
        response: { 200: wire.tokenList, ...failures },
      },
    },
    async () => ({ tokens: hub.tokens().map((token) => shown(token, hub.upMs())) }),
  );
  app.post(
    '/api/tokens',
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Make a token; its secret is shown this once',
        body: wire.tokenBody,
        response: { 201: wire.tokenCreated, ...failures },
      },
    },
    async (request, reply) => {
      const { name, role, mqtt_user: mqttUser } = request.body;
      const secret = newSecret();
      const id = newTokenId();
      const token: Token = {
        id,
        name,
        role,
        secretHash: hashSecret(secret),
        use: 'api',
        ...(mqttUser === undefined ? {} : { mqttUser }),
        createdWallMs: clock.wallMs(),
        expiresUpMs: null,
      };
      accepted(await hub.ask({ kind: 'create_token', token, who: callerOf(request).who }));
      return reply.code(201).send({ id, name, role, token: secret });
    },
  );
  app.delete(
    '/api/tokens/:id',
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Revoke a token, and the sessions that came from it; their locks end, but for lockouts',
        params: wire.tokenParams,
        response: { 204: nothing, ...failures },
      },
    },
    async (request, reply) => {
      const { who } = callerOf(request);
      accepted(await hub.ask({ kind: 'revoke_token', id: request.params.id, who }));
      return reply.code(204).send();
    },
  );
}

function shown({ id, name, role, use, mqttUser, createdWallMs, expiresUpMs }: Token, upMs: number) {
  return {
    id,
    name,
    role,
    use,
    mqtt_user: mqttUser ?? null,
    created_at: new Date(createdWallMs).toISOString(),
    expires_in_ms: expiresUpMs === null ? null : Math.max(0, expiresUpMs - upMs),
  };
}

import { z } from 'zod';
import type { App } from '../app-type.ts';
import type { LiveFeed } from '../live.ts';
import { metricsText } from '../metrics.ts';
import { failures } from '../openapi.ts';
import type { HubPort } from '../port.ts';
import { Problem } from '../problems.ts';
import { health, ready } from '../wire.ts';

/** For machines that watch the hub: open on this machine, a viewer's token from elsewhere. */
export function probeRoutes(app: App, hub: HubPort, live: LiveFeed): void {
  app.get(
    '/health',
    { config: { access: 'probe' }, schema: { summary: 'How the hub is', response: { 200: health, ...failures } } },
    async () => healthOf(hub),
  );
  app.get(
    '/ready',
    {
      config: { access: 'probe' },
      schema: {
        summary: 'Whether every relay was read, or given up as unknown',
        response: { 200: ready, ...failures },
      },
    },
    async () => {
      if (!hub.isReady()) throw new Problem('not_ready', 'Not every relay has been read yet.');
      return { ready: true as const };
    },
  );
  app.get(
    '/metrics',
    {
      config: { access: 'probe' },
      schema: {
        summary: 'Figures for Prometheus',
        response: { 200: { content: { 'text/plain': { schema: z.string() } } }, ...failures },
      },
    },
    async (_request, reply) =>
      reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8').send(metricsText(hub, live.size)),
  );
}

function healthOf(hub: HubPort) {
  const { ledger, waiting, buses } = hub.health();
  const isWell = ledger === 'ok' && buses.every(({ up }) => up);
  const { version, simulated } = hub.info;
  return {
    status: isWell ? ('ok' as const) : ('degraded' as const),
    version,
    simulated,
    ledger,
    waiting,
    buses: buses.map(({ id, up, reason, advice }) => ({ id, up, reason, advice })),
  };
}

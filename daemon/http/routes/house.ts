import type { App } from '../app-type.ts';
import { failures } from '../openapi.ts';
import type { HubPort } from '../port.ts';
import { Problem } from '../problems.ts';
import { busList, decisionList, decisionsQuery, load, meterList } from '../wire.ts';

/** What the house draws, and what was decided. */
export function houseRoutes(app: App, hub: HubPort): void {
  app.get(
    '/api/load',
    {
      config: { access: 'viewer' },
      schema: { summary: 'The load against the limit', response: { 200: load, ...failures } },
    },
    async () => hub.load(),
  );
  app.get(
    '/api/meters',
    {
      config: { access: 'viewer' },
      schema: { summary: 'What the meters say, and which are silent', response: { 200: meterList, ...failures } },
    },
    async () => ({ meters: hub.meters() }),
  );
  app.get(
    '/api/buses',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'The relay boards: which answer, what is probably wrong with those that do not, what to try',
        response: { 200: busList, ...failures },
      },
    },
    async () => ({ buses: [...hub.health().buses] }),
  );
  app.get(
    '/api/decisions',
    {
      config: { access: 'viewer' },
      schema: { summary: 'The audit trail', querystring: decisionsQuery, response: { 200: decisionList, ...failures } },
    },
    async ({ query: { after, limit } }) => {
      const decisions = await readDecisions(hub, after, limit);
      return { decisions, next_after: decisions.at(-1)?.seq ?? after };
    },
  );
}

async function readDecisions(hub: HubPort, after: number, limit: number) {
  try {
    return await hub.decisions(after, limit);
  } catch {
    throw new Problem('ledger_unavailable', 'The audit trail cannot be read now.');
  }
}

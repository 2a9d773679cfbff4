import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../../../relay-drivers/clock.ts';
import type { App } from '../app-type.ts';
import { energyOf, powerOf, sourcesIn } from '../history/ask.ts';
import { CSV_TYPE, Sheet } from '../history/csv.ts';
import { HistoryDesk } from '../history/desk.ts';
import { demandExportable, type Export, slices } from '../history/export.ts';
import { bySource, isoOf, resolutionOf, showPoint, showTotal } from '../history/show.ts';
import { type Span, spanOf, wantsCsv } from '../history/span.ts';
import type { EnergyTotal, PowerPoint } from '../history-port.ts';
import { failures } from '../openapi.ts';
import type { HubPort } from '../port.ts';
import * as wire from '../wire.ts';

/** What the house and its appliances drew, and how the copy of it in Postgres is. */
export function historyRoutes(app: App, hub: HubPort, clock: Clock): void {
  const desk = new HistoryDesk();
  powerRoute(app, hub, clock, desk);
  energyRoute(app, hub, clock, desk);
  stateRoutes(app, hub);
}

/** JSON, or the same as a table. */
const orCsv = <T extends z.ZodType>(schema: T) => ({
  content: { 'application/json': { schema }, 'text/csv': { schema: z.string() } },
});

function powerRoute(app: App, hub: HubPort, clock: Clock, desk: HistoryDesk): void {
  app.get(
    '/api/power',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'The power history: at most 2,000 points; a CSV of a named resolution has every row',
        querystring: wire.powerQuery,
        response: { 200: orCsv(wire.power), ...failures },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const span = spanOf(query, clock.wallMs());
      reply.header('vary', 'accept');
      if (!wantsCsv(request, query.format)) {
        const points = await desk.ask(() => powerOf(hub.history, query, span));
        return reply.type('application/json').send(showPower(hub, query, span, points));
      }
      const { resolution } = query;
      if (resolution !== 'auto') return sendExport(reply, hub, desk, { ...span, source: query.source, resolution });
      const points = await desk.ask(() => powerOf(hub.history, query, span));
      const sheet = sheetOf(hub);
      return sendCsv(reply, 'power', span, sheet.powerHead() + sheet.points(points));
    },
  );
}

function energyRoute(app: App, hub: HubPort, clock: Clock, desk: HistoryDesk): void {
  app.get(
    '/api/energy',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'Energy totals; days and months are those of the hub, and told whole',
        querystring: wire.energyQuery,
        response: { 200: orCsv(wire.energy), ...failures },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const span = spanOf(query, clock.wallMs());
      reply.header('vary', 'accept');
      const totals = await desk.ask(() => energyOf(hub.history, query, span));
      if (!wantsCsv(request, query.format))
        return reply.type('application/json').send(showEnergy(hub, query, span, totals));
      const sheet = sheetOf(hub);
      return sendCsv(reply, 'energy', span, sheet.energyHead() + sheet.totals(totals));
    },
  );
}

function showPower({ history }: HubPort, { source }: wire.PowerQuery, span: Span, points: PowerPoint[]): wire.Power {
  return {
    ...showSpan(span),
    timezone: history.timezone,
    resolution: resolutionOf(points[0]),
    sources: bySource(source, points).map(([name, own]) => ({ source: name, points: own.map(showPoint) })),
  };
}

function showEnergy(
  { history }: HubPort,
  { source, group }: wire.EnergyQuery,
  span: Span,
  totals: EnergyTotal[],
): wire.Energy {
  return {
    ...showSpan(span),
    timezone: history.timezone,
    group,
    sources: bySource(source, totals).map(([name, own]) => ({ source: name, totals: own.map(showTotal) })),
  };
}

const showSpan = ({ fromMs, toMs }: Span) => ({ from: isoOf(fromMs), to: isoOf(toMs) });

function sheetOf(hub: HubPort): Sheet {
  return new Sheet(hub.history.timezone, (source) => nameOf(hub, source));
}

/** As it is called now; what is gone has its id alone. */
function nameOf(hub: HubPort, source: string): string {
  const [kind = '', id = ''] = source.split(':');
  if (kind === 'house') return hub.info.name;
  return kind === 'appliance' ? (hub.appliance(id)?.name ?? id) : id;
}

function sendCsv(reply: FastifyReply, what: string, span: Span, body: string | Readable): FastifyReply {
  const { from, to } = showSpan(span);
  const name = `voltsafe-${what}-${from.slice(0, 10)}-${to.slice(0, 10)}.csv`;
  return reply.type(CSV_TYPE).header('content-disposition', `attachment; filename="${name}"`).send(body);
}

/** The first slice comes before the headers: what cannot be read is still told as a problem. */
async function sendExport(
  reply: FastifyReply,
  hub: HubPort,
  desk: HistoryDesk,
  { source, ...asked }: Omit<Export, 'sources'> & { readonly source: wire.PowerQuery['source'] },
): Promise<FastifyReply> {
  demandExportable(asked, asked.resolution);
  const end = desk.beginExport();
  try {
    const sources = await desk.ask(() => sourcesIn(hub.history, source, asked));
    const rows = slices((question) => desk.ask(() => hub.history.power(question)), { ...asked, sources });
    const first = await rows.next();
    const body = Readable.from(lines(sheetOf(hub), first.value ?? [], rows), { objectMode: false });
    body.once('close', end);
    return sendCsv(reply, 'power', asked, body);
  } catch (error) {
    end();
    throw error;
  }
}

async function* lines(sheet: Sheet, first: readonly PowerPoint[], rest: AsyncIterable<readonly PowerPoint[]>) {
  yield sheet.powerHead();
  yield sheet.points(first);
  for await (const points of rest) yield sheet.points(points);
}

function stateRoutes(app: App, hub: HubPort): void {
  app.get(
    '/api/history',
    {
      config: { access: 'viewer' },
      schema: { summary: 'Whether the power history is kept', response: { 200: wire.historyState, ...failures } },
    },
    async () => {
      const { state, what } = hub.history.state();
      return { state, detail: what, timezone: hub.history.timezone };
    },
  );
  app.get(
    '/api/replication',
    {
      config: { access: 'viewer' },
      schema: { summary: 'The copy in Postgres', response: { 200: wire.replication, ...failures } },
    },
    async () => ({ enabled: hub.history.replication() !== null, ...(hub.history.replication() ?? NOT_COPIED) }),
  );
}

const NOT_COPIED = {
  ...{ connected: false, alarmed: false, lag_rows: 0, lag_s: 0, last_seq: null, last_rev: null },
  ...{ rows_sent: 0, batches_sent: 0, last_sent_at: null, last_error: null },
};

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Clock } from '../../relay-drivers/clock.ts';
import type { OneTimeLink } from './link.ts';
import type { HttpLog } from './log.ts';
import type { HubPort } from './port.ts';

/** Fastify as every file of this edge has it: schemas are zod's. */
export type App = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>;

export interface AppParts {
  readonly hub: HubPort;
  readonly clock: Clock;
  readonly link: OneTimeLink;
  readonly log: HttpLog;
  /** The built panel; a page says so where it is missing. */
  readonly panelDir: string;
}

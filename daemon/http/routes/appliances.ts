import { createHash } from 'node:crypto';
import type { ApplianceSettings } from '../../core/model.ts';
import { callerOf } from '../access.ts';
import { addAppliance } from '../add-appliance.ts';
import { accepted, applianceOf, toggled } from '../answers.ts';
import type { App } from '../app-type.ts';
import { failures, nothing } from '../openapi.ts';
import type { HubPort } from '../port.ts';
import { Problem } from '../problems.ts';
import * as wire from '../wire.ts';

/** Appliances: reading them, switching them, and saying what they are. */
export function applianceRoutes(app: App, hub: HubPort): void {
  reading(app, hub);
  switching(app, hub);
  adding(app, hub);
  changing(app, hub);
  ending(app, hub);
}

function reading(app: App, hub: HubPort): void {
  app.get(
    '/api/appliances',
    {
      config: { access: 'viewer' },
      schema: { summary: 'All appliances', response: { 200: wire.applianceList, ...failures } },
    },
    async () => ({ appliances: hub.appliances() }),
  );
  app.get(
    '/api/appliances/:id',
    {
      config: { access: 'viewer' },
      schema: { summary: 'One appliance', params: wire.idParams, response: { 200: wire.appliance, ...failures } },
    },
    async ({ params: { id } }) => {
      const appliance = hub.appliance(id);
      if (appliance === null) throw new Problem('not_found', `There is no appliance "${id}".`);
      return appliance;
    },
  );
}

function switching(app: App, hub: HubPort): void {
  app.post(
    '/api/appliances/:id/toggle',
    {
      config: { access: 'operator' },
      schema: {
        summary: 'Switch an appliance on or off; answered once recorded and confirmed by its relay',
        params: wire.idParams,
        headers: wire.toggleHeaders,
        body: wire.toggleBody,
        response: { 200: wire.toggled, ...failures },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { is_on: isOn } = request.body;
      const key = request.headers['idempotency-key'];
      const kept = key === undefined ? {} : { key, hash: hashOf(id, isOn) };
      return toggled(
        await hub.ask({
          kind: 'toggle',
          appliance: id,
          want: isOn ? 'on' : 'off',
          who: callerOf(request).who,
          claims: request.headers['x-fencing-token'] ?? [],
          ...kept,
        }),
      );
    },
  );
}

/** What an idempotency key stands for: the method, the appliance, and the body without its white space. */
function hashOf(id: string, isOn: boolean): string {
  return createHash('sha256').update(`POST\n${id}\n{"is_on":${isOn}}`).digest('hex');
}

function adding(app: App, hub: HubPort): void {
  app.post(
    '/api/appliances',
    {
      config: { access: 'admin' },
      schema: { summary: 'Add an appliance', body: wire.applianceBody, response: { 201: wire.appliance, ...failures } },
    },
    async (request, reply) => {
      const appliance = applianceOf(await addAppliance(hub, request.body, callerOf(request).who));
      return reply.code(201).header('location', `/api/appliances/${appliance.id}`).send(appliance);
    },
  );
}

function changing(app: App, hub: HubPort): void {
  app.patch(
    '/api/appliances/:id',
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Change an appliance',
        params: wire.idParams,
        body: wire.appliancePatch,
        response: { 200: wire.appliance, ...failures },
      },
    },
    async (request) =>
      applianceOf(
        await hub.ask({
          kind: 'change_appliance',
          appliance: request.params.id,
          change: changeOf(request.body),
          who: callerOf(request).who,
        }),
      ),
  );
}

function ending(app: App, hub: HubPort): void {
  app.delete(
    '/api/appliances/:id',
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Remove an appliance that is confirmed off',
        params: wire.idParams,
        response: { 204: nothing, ...failures },
      },
    },
    async (request, reply) => {
      accepted(await hub.ask({ kind: 'remove_appliance', appliance: request.params.id, who: callerOf(request).who }));
      return reply.code(204).send();
    },
  );
  app.post(
    '/api/appliances/:id/retire',
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Declare its relay physically disconnected',
        params: wire.idParams,
        body: wire.retireBody,
        response: { 200: wire.toggled, ...failures },
      },
    },
    async (request) =>
      toggled(
        await hub.ask({
          kind: 'retire',
          appliance: request.params.id,
          reason: request.body.reason,
          who: callerOf(request).who,
        }),
      ),
  );
}

/** Only what the client named. */
function changeOf({
  wattage,
  protected: isProtected,
  on_power_loss: onPowerLoss,
  ...same
}: wire.AppliancePatch): Partial<Omit<ApplianceSettings, 'id'>> {
  const change = { ratedMw: wattage, isProtected, onPowerLoss, ...same };
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

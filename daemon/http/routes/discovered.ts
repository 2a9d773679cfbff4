import type { DiscoveredView } from '../../core/views.ts';
import { callerOf } from '../access.ts';
import { addAppliance } from '../add-appliance.ts';
import { applianceOf } from '../answers.ts';
import type { App } from '../app-type.ts';
import { failures } from '../openapi.ts';
import type { HubPort } from '../port.ts';
import { Problem } from '../problems.ts';
import * as wire from '../wire.ts';

/** Devices on MQTT: which were found, how one becomes an appliance, and the broker that they meet at. */
export function discoveredRoutes(app: App, hub: HubPort): void {
  reading(app, hub);
  adopting(app, hub);
}

function reading(app: App, hub: HubPort): void {
  app.get(
    '/api/discovered',
    {
      config: { access: 'viewer' },
      schema: { summary: 'The devices that were found on MQTT', response: { 200: wire.discoveredList, ...failures } },
    },
    async () => ({ devices: hub.discovered() }),
  );
  app.get(
    '/api/mqtt',
    {
      config: { access: 'viewer' },
      schema: { summary: 'The MQTT broker', response: { 200: wire.broker, ...failures } },
    },
    async () => hub.mqtt() ?? NO_BROKER,
  );
}

const NO_BROKER: wire.Broker = { mode: 'off', url: null, up: false, reason: null, advice: null, clients: null };

function adopting(app: App, hub: HubPort): void {
  app.post(
    '/api/discovered/:id/adopt',
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Make a channel of a found device an appliance',
        params: wire.idParams,
        body: wire.adoptBody,
        response: { 201: wire.appliance, ...failures },
      },
    },
    async (request, reply) => {
      const { channel, ...said } = request.body;
      const { device, found } = deviceOf(hub, request.params.id);
      if (channel > device.channels) throw noChannel(device.channels);
      const body = { ...said, name: said.name ?? nameOf(found, channel), relay: { bus: device.id, channel } };
      const appliance = applianceOf(await addAppliance(hub, body, callerOf(request).who, device));
      return reply.code(201).header('location', `/api/appliances/${appliance.id}`).send(appliance);
    },
  );
}

function deviceOf(hub: HubPort, id: string) {
  const device = hub.adoptable(id);
  const found = hub.discovered().find((one) => one.id === id);
  if (device !== null && found !== undefined) return { device, found };
  throw new Problem('not_found', `No device "${id}" is found now; it may have lost its power or its network.`);
}

function noChannel(channels: number): Problem {
  const message = channels === 1 ? 'must be 1: the device has one channel' : `must be 1 to ${channels}`;
  return Problem.invalid([{ path: 'channel', message }]);
}

/** As the device calls it, until a person does. */
function nameOf({ name, channels }: DiscoveredView, channel: number): string {
  const own = channels.find((one) => one.channel === channel)?.name ?? null;
  if (own !== null) return own;
  return channels.length > 1 ? `${name} ${channel}` : name;
}

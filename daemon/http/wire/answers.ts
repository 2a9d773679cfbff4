import { z } from 'zod';
import { lockChange, lockReply, resource } from './locks.ts';
import { decided, onPowerLoss, role, time } from './words.ts';

/** What clients see: these feed OpenAPI, the types of the handlers, and those of the panel. */

const power = z.number().describe('watts, at most three decimals');
const loadStatus = z.enum(['safe', 'near_limit', 'over_limit']);

export const appliance = z
  .object({
    id: z.string(),
    name: z.string(),
    room: z.string().nullable(),
    icon: z.string().nullable(),
    wattage: power,
    circuit: z.string(),
    priority: z.int(),
    protected: z.boolean(),
    relay: z.object({ bus: z.string(), channel: z.int() }).nullable(),
    on_power_loss: onPowerLoss,
    is_on: z.boolean().describe('the standing order'),
    relay_state: z.enum(['off', 'turning_on', 'on', 'turning_off', 'unknown']),
    verified: z.boolean().describe('false: its board cannot be read back, so relay_state is what it was last told'),
    fault: z.enum(['unreachable', 'stuck_on', 'stuck_off']).nullable(),
    retired: z.string().nullable().describe('why its relay was declared disconnected'),
    simulated: z.boolean(),
    reserved_w: power.describe('what it counts against the limit now'),
    power_w: power.nullable().describe('what its own meter says; else what is known or declared'),
    updated_at: time,
  })
  .meta({ id: 'Appliance' });

export const circuit = z
  .object({
    id: z.string(),
    parent: z.string().nullable(),
    limit_w: power,
    reserved_w: power,
    headroom_w: power,
    status: loadStatus,
  })
  .meta({ id: 'Circuit' });

export const load = z
  .object({
    limit_w: power,
    near_limit_w: power,
    reserved_w: power,
    measured_w: power.nullable(),
    headroom_w: power,
    utilization: z.number(),
    status: loadStatus,
    circuits: z.array(circuit).readonly(),
  })
  .meta({ id: 'Load' });

const figure = (unit: string) => z.number().nullable().describe(`${unit}; null: the meter does not tell`);
export const meter = z
  .object({
    id: z.string(),
    driver: z.string(),
    measures: z.string().describe('house, circuit:<id> or appliance:<id>'),
    power_w: figure('watts, import positive').describe('null before the first reading; a stale meter keeps its last'),
    phases: z
      .array(z.object({ voltage_v: figure('volts'), current_a: figure('amperes'), power_w: figure('watts') }))
      .readonly(),
    energy_import_wh: figure('watt-hours'),
    energy_export_wh: figure('watt-hours'),
    stale: z.boolean().describe('silent for too long: its figures are old'),
    fault: z.string().nullable().describe('what is probably wrong, and what to try'),
    at: time.nullable().describe('when it was last read'),
  })
  .meta({ id: 'Meter' });

const channel = z.object({
  channel: z.int(),
  name: z.string().nullable(),
  appliance: z.string().nullable().describe('the appliance that it switches; null: free'),
});
export const discovered = z
  .object({
    id: z.string().describe('becomes the id of its bus'),
    driver: z.string(),
    name: z.string(),
    model: z.string().nullable(),
    channels: z.array(channel).readonly(),
    measures_power: z.boolean(),
    adopted: z.boolean().describe('an appliance hangs on it; nothing of it is switched before'),
    simulated: z.boolean(),
  })
  .meta({ id: 'Discovered' });

export const decision = z
  .object({
    seq: z.int(),
    at: time,
    kind: z.string(),
    source: z.string(),
    actor: z.string().nullable(),
    appliance: z.string().nullable(),
    outcome: z.enum(['granted', 'refused', 'unchanged', 'confirmed', 'failed', 'observed', 'recorded']),
    code: z.string().nullable(),
    reason: z.string().nullable(),
    is_on: z.boolean().nullable(),
    circuit: z.string().nullable(),
    requested_w: power.nullable(),
    exceeded_by_w: power.nullable(),
    reserved_w: power,
    limit_w: power,
    fencing_tokens: z
      .array(z.object({ resource: z.string().nullable(), fencing_token: z.int() }))
      .readonly()
      .optional()
      .describe('that the request showed, or that the event of a lock is about'),
  })
  .meta({ id: 'Decision' });

export const meterList = z.object({ meters: z.array(meter) });
export const discoveredList = z.object({ devices: z.array(discovered) });
export const broker = z.object({
  mode: z.enum(['off', 'embedded', 'external']).describe('off: this hub does not speak MQTT'),
  url: z.string().nullable().describe('where clients connect'),
  up: z.boolean(),
  reason: z.string().nullable().describe('what is wrong while it is not up'),
  advice: z.string().nullable().describe('what to try'),
  clients: z.int().nullable().describe('connected now; null: the broker does not tell'),
});
export const applianceList = z.object({ appliances: z.array(appliance) });
export const toggled = z.object({
  appliance,
  changed: z.boolean(),
  load,
  decision: decided,
});
export const decisionList = z.object({ decisions: z.array(decision), next_after: z.int() });
export const session = z.object({ name: z.string(), role });
export const sessionNow = session.extend({
  principal: z.string().describe('whose locks are those of whoever asks'),
});
export const tokenCreated = z.object({
  id: z.string(),
  name: z.string(),
  role,
  token: z.string().describe('shown this once'),
});
export const tokenList = z.object({
  tokens: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      role,
      use: z.enum(['api', 'session']),
      mqtt_user: z.string().nullable().describe('for whom it takes locks'),
      created_at: time,
      expires_in_ms: z.int().nullable().describe('of uptime; null: never'),
    }),
  ),
});
const busHealth = z.object({
  id: z.string(),
  up: z.boolean(),
  reason: z.string().nullable().describe('what is probably wrong while it is not up'),
  advice: z.string().nullable().describe('what to try'),
});
export const busList = z.object({
  buses: z.array(
    busHealth.extend({
      kind: z.enum(['board', 'plug']).describe('a board on a line, or a device on MQTT'),
      driver: z.string().nullable(),
      path: z.string().nullable(),
    }),
  ),
});
export const health = z.object({
  status: z.enum(['ok', 'degraded']),
  version: z.string(),
  simulated: z.boolean(),
  ledger: z.enum(['ok', 'stalled', 'failed']),
  waiting: z.int(),
  buses: z.array(busHealth),
});
export const ready = z.object({ ready: z.literal(true) });

export const hubInfo = z.object({ id: z.string(), name: z.string(), version: z.string(), simulated: z.boolean() });
/** What the live feed sends. */
export const liveMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('snapshot'),
    seq: z.int(),
    hub: hubInfo,
    load,
    appliances: z.array(appliance),
    meters: z.array(meter),
    discovered: z.array(discovered),
    locks: z.array(resource).describe('those that are held or waited for'),
  }),
  z.object({
    type: z.literal('event'),
    seq: z.int(),
    at: time,
    kind: z.string(),
    decision,
    appliance: appliance
      .nullable()
      .describe('as it stands after the event; null when the event has none, or removed it'),
    appliance_id: z.string().nullable(),
    load,
    lock: lockChange.nullable().describe('what an event whose kind begins with lock_ did; null for all others'),
  }),
  z
    .object({ type: z.literal('locks'), locks: z.array(resource) })
    .describe('all that are held or waited for, as of now; follows the missed events of a feed that goes on'),
  lockReply,
  meter.extend({ type: z.literal('meter') }).describe('a meter as it is now; no event, and so without seq'),
  discoveredList
    .extend({ type: z.literal('discovered') })
    .describe('the devices that are found now, all of them; no event, and so without seq'),
  z.object({ type: z.literal('ping'), at: time }),
]);

export type Appliance = z.output<typeof appliance>;
export type Meter = z.output<typeof meter>;
export type Discovered = z.output<typeof discovered>;
export type Broker = z.output<typeof broker>;
export type Load = z.output<typeof load>;
export type Decision = z.output<typeof decision>;
export type Session = z.output<typeof session>;
export type LiveMessage = z.output<typeof liveMessage>;

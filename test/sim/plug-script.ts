import type { Who } from '../../daemon/core/model.ts';
import { plugProtocol } from '../../relay-drivers/plug-registry.ts';
import { NO_PLUG_FAULTS } from '../../relay-drivers/simulator/plug-faults.ts';
import { BEYOND } from './beyond.ts';
import type { LivePlug } from './plug-fleet.ts';
import { plugOf } from './plug-homes.ts';
import { channelsOf } from './wires.ts';
import type { World } from './world.ts';

/** What can happen to plugs and their broker, by weight. */
export const PLUG_WEIGHTS = {
  plug_button: 3,
  plug_late: 2,
  plug_stall: 4,
  plug_doubt: 4,
  plug_hangs: 2,
  plug_old_word: 3,
  plug_thaw: 5,
  plug_loses: 1,
  plug_doubles: 1,
  plug_vanish: 2,
  plug_power_cut: 2,
  plug_sticks: 1,
  plug_contrary: 1,
  plug_calm: 3,
  ghost: 1,
  broker_stop: 1,
  broker_start: 2,
  adopt: 2,
} as const;

export type PlugAct = keyof typeof PLUG_WEIGHTS;

/** How long a message takes, each way. */
const LATE_MS = BEYOND ? [0, 100, 300, 600, 2500] : [0, 20, 100];

const WORDY: ReadonlySet<string> = new Set(['generic-mqtt', 'shelly-gen2', 'zigbee2mqtt']);

const ADMIN: Who = { principal: 'admin', name: 'admin', role: 'admin', source: 'http' };

function anyPlug({ dice, fleet }: World): LivePlug {
  return dice.pick(fleet.all);
}

function anyChannel({ dice }: World, { home }: LivePlug): number {
  return dice.int(1, home.channels);
}

function switchOn(world: World, { home }: LivePlug): void {
  const loads = world.house.appliances.filter(({ relay }) => relay?.bus === home.id);
  if (loads.length > 0) world.toggle({ kind: 'toggle', appliance: world.dice.pick(loads).id, want: 'on', who: ADMIN });
}

function thaw({ wire }: LivePlug): void {
  wire.down.resume();
  wire.up.resume();
}

/** Only what can be asked may lose words, or lie: what tells changes alone tells each of them once, over TCP. */
function canErr({ home }: LivePlug): boolean {
  return home.canBeAsked;
}

function contrary(world: World, plug: LivePlug, channels: readonly number[]): void {
  world.truth.lie(plug.home.id, channels, true);
  plug.twin.setFaults({ contrary: channels });
}

export const PLUG_ACTS: Readonly<Record<PlugAct, (world: World) => void | Promise<void>>> = {
  plug_button: (world) => {
    const plug = anyPlug(world);
    plug.twin.pressButton(anyChannel(world, plug));
  },
  plug_late: (world) => {
    const { down, up } = anyPlug(world).wire;
    down.delayMs = world.dice.pick(LATE_MS);
    up.delayMs = world.dice.pick(LATE_MS);
  },
  plug_stall: (world) => {
    const { down, up } = anyPlug(world).wire;
    const which = world.dice.weighted({ both: 3, down: BEYOND ? 1 : 0, up: 1 });
    if (which !== 'up') down.stall();
    if (which !== 'down') up.stall();
  },
  plug_doubt: async (world) => {
    const plug = anyPlug(world);
    const on = world.house.appliances.filter(({ relay }) => relay?.bus === plug.home.id);
    if (on.length === 0) return;
    const { id } = world.dice.pick(on);
    plug.wire.up.delayMs = world.dice.pick(LATE_MS);
    if (BEYOND && world.dice.chance(0.5)) plug.wire.down.stall();
    else plug.wire.down.delayMs = world.dice.pick(LATE_MS);
    // What it says now is older than what is asked now, and arrives later.
    for (const want of ['on', 'off'] as const) {
      plug.twin.report();
      world.toggle({ kind: 'toggle', appliance: id, want, who: ADMIN });
      await world.run(world.dice.pick([20, 100, 400]));
    }
    await world.run(world.dice.pick([0, 300]));
    plug.twin.report();
  },
  // An ON that nobody confirmed is given up, and may not be obeyed when the connection goes on (S11).
  plug_hangs: async (world) => {
    const plug = anyPlug(world);
    plug.wire.down.stall();
    plug.wire.up.stall();
    switchOn(world, plug);
    await world.run(world.dice.pick([3000, 7000, 12_000]));
    thaw(plug);
  },
  // What it did is under way, and what the broker keeps of it is older: whoever connects now is told that first (S2).
  plug_old_word: async (world) => {
    const plug = anyPlug(world);
    plug.wire.up.stall();
    switchOn(world, plug);
    await world.run(world.dice.pick([60, 300, 1200]));
    if (world.fleet.isEmbedded || world.dice.chance(0.5)) return world.kill('abruptly');
    world.fleet.stop('abruptly');
    await world.run(world.dice.int(50, 500));
    world.fleet.start();
  },
  plug_thaw: (world) => {
    for (const plug of world.fleet.all) thaw(plug);
  },
  plug_loses: (world) => {
    const plug = anyPlug(world);
    const what = world.dice.pick(['drop_requests', 'drop_replies'] as const);
    // A birth that is lost leaves a device away that says nothing else of its presence.
    const losesBirths = what === 'drop_replies' && WORDY.has(plug.home.family);
    if (canErr(plug) && !losesBirths) plug.twin.setFaults({ [what]: 0.4 });
  },
  plug_doubles: (world) => {
    anyPlug(world).twin.setFaults({ [world.dice.pick(['duplicate_requests', 'duplicate_replies'])]: 0.5 });
  },
  plug_vanish: (world) => anyPlug(world).twin.setFaults({ vanish: true }),
  plug_power_cut: (world) => {
    const { twin } = anyPlug(world);
    // What sticks does not come back from a power cut as it was, and would say that it did.
    twin.setFaults({ stuck: [] });
    twin.cutPower(world.dice.int(50, 8000));
  },
  plug_sticks: (world) => {
    const plug = anyPlug(world);
    // What cannot be asked leaves no trace of an ON that it did not obey: nothing ends that doubt but a new connection.
    if (!plug.twin.isConnected || !canErr(plug)) return;
    const stuck = [anyChannel(world, plug)];
    world.truth.jam(plug.home.id, stuck);
    plug.twin.setFaults({ stuck });
  },
  plug_contrary: (world) => {
    const plug = anyPlug(world);
    if (canErr(plug)) contrary(world, plug, [anyChannel(world, plug)]);
  },
  plug_calm: (world) => {
    const plug = anyPlug(world);
    plug.twin.setFaults(NO_PLUG_FAULTS);
    world.truth.lie(plug.home.id, channelsOf(plug.home), false);
    thaw(plug);
  },
  ghost: (world) => {
    const plug = anyPlug(world);
    const { topic, payload } = plugProtocol(plug.home.settings).command(anyChannel(world, plug), true, 0);
    world.truth.ghosts += 1;
    plug.twin.setFaults({ ghost: { topic, payload } });
  },
  broker_stop: (world) => {
    if (!world.fleet.isEmbedded) world.fleet.stop(world.dice.pick(['abruptly', 'in_order']));
  },
  broker_start: (world) => world.fleet.start(),
  adopt: (world) => {
    const { house, dice } = world;
    const loads = house.appliances.filter((settings) => plugOf(house.plugs, settings)?.isConfigured === false);
    if (loads.length === 0 || !world.isAlive) return;
    const settings = dice.pick(loads);
    if (world.lifetime.hub.state.appliances.get(settings.id) === undefined) world.add(settings, ADMIN);
    else world.ask({ kind: 'remove_appliance', appliance: settings.id, who: ADMIN });
  },
};

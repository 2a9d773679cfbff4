import type { Input } from '../../daemon/core/inputs.ts';
import type { Household, Who } from '../../daemon/core/model.ts';
import { NO_FAULTS } from '../../relay-drivers/simulator/faults.ts';
import { anyAsker, anyClaims, heldAppliance, LOCK_ACTS, LOCK_WEIGHTS } from './lock-script.ts';
import { PLUG_ACTS, PLUG_WEIGHTS } from './plug-script.ts';
import type { World } from './world.ts';

/** What can happen in a home, by weight. Requests lead; each fault is rare, but every world meets several. */
const WEIGHTS = {
  toggle: 46,
  burst: 5,
  all_off: 2,
  retry: 4,
  press: 6,
  hand: 4,
  meet_poll: 4,
  measure: 2,
  pause: 10,
  long_pause: 2,
  frame_faults: 4,
  calm: 6,
  stick: 2,
  power_cut: 2,
  unplug: 2,
  plug_in: 5,
  kill: 4,
  slow_disk: 2,
  full_disk: 1,
  good_disk: 6,
  rate: 1,
  ...PLUG_WEIGHTS,
  ...LOCK_WEIGHTS,
} as const;

type Act = keyof typeof WEIGHTS;

/** Lives in the world for so many inputs, then lets the faults stop. */
export async function live(world: World, inputs: number): Promise<void> {
  await world.boot();
  await world.run(50);
  for (const settings of world.house.appliances) world.add(settings, PEOPLE[0]);
  await world.run(500);
  for (let i = 0; i < inputs; i++) {
    if (!world.isAlive) await rebootSometime(world);
    await ACTS[world.dice.weighted(WEIGHTS)](world, i);
    await world.run(world.dice.chance(0.5) ? 0 : world.dice.int(0, 200));
  }
  await world.settle();
}

async function rebootSometime(world: World): Promise<void> {
  await world.run(world.dice.int(0, 3000));
  await world.boot(world.dice.chance(0.3) ? otherLimits(world) : {});
  if (world.dice.chance(0.7)) await world.run(world.dice.int(0, 400));
}

/** Somebody edited the configuration meanwhile: what fitted may have to be shed. */
function otherLimits({ dice, house: { household } }: World): Partial<Household> {
  const times = (limitMw: number) => Math.floor(limitMw * dice.pick([0.4, 0.6, 0.8, 1, 1, 1.2]));
  return {
    limitMw: times(household.limitMw),
    circuits: household.circuits.map((circuit) => ({ ...circuit, limitMw: times(circuit.limitMw) })),
  };
}

function person(id: string): Who {
  return { principal: id, name: id, role: 'operator', source: 'http' };
}
const PEOPLE = [person('anna'), person('ben'), person('homeassistant')] as const;

function randomToggle(world: World, i: number): (Input & { kind: 'toggle' }) | null {
  const { dice, house } = world;
  if (house.appliances.length === 0) return null;
  const want = dice.weighted({ on: 11, off: 6, flip: 2 });
  const who = anyAsker(world, PEOPLE);
  const claims = anyClaims(world, who);
  const held = claims.claims === undefined ? null : heldAppliance(world, who);
  const appliance = held ?? dice.pick(house.appliances).id;
  if (!dice.chance(0.25) || want === 'flip') return { kind: 'toggle', appliance, want, who, ...claims };
  return {
    kind: 'toggle',
    appliance,
    want,
    who,
    ...claims,
    key: `key-${dice.chance(0.3) ? dice.int(0, 20) : 1000 + i}`,
    hash: `${appliance} ${want} ${JSON.stringify(claims)}`,
  };
}

const recent = new WeakMap<World, Input & { kind: 'toggle' }>();

function ask(world: World, i: number): void {
  const input = randomToggle(world, i);
  if (input === null) return;
  if (input.key !== undefined) recent.set(world, input);
  world.toggle(input);
}

const ACTS: Readonly<Record<Act, (world: World, i: number) => void | Promise<void>>> = {
  toggle: (world, i) => ask(world, i),
  burst: (world, i) => {
    for (let n = world.dice.int(5, 30); n > 0; n--) ask(world, i * 100 + n);
  },
  all_off: (world) => {
    const [bus] = world.dice.pick([...world.boards]);
    for (const { id, relay } of world.house.appliances) {
      if (relay?.bus === bus) world.toggle({ kind: 'toggle', appliance: id, want: 'off', who: PEOPLE[0] });
    }
  },
  retry: (world) => {
    const input = recent.get(world);
    if (input !== undefined) world.toggle(input);
  },
  press: (world) => anyBoard(world).setInput(world.dice.int(1, 2), world.dice.chance(0.5)),
  hand: (world) => anyBoard(world).pressButton(world.dice.int(1, 8)),
  meet_poll: async (world, i) => {
    await world.runToRead();
    ask(world, i);
  },
  measure: (world) => {
    if (world.house.appliances.length === 0) return;
    const { id, ratedMw } = world.dice.pick(world.house.appliances);
    world.ask({ kind: 'measured', appliance: id, powerMw: Math.ceil(ratedMw * (1 + world.dice.random())) });
  },
  pause: (world) => world.run(world.dice.int(200, 1500)),
  long_pause: (world) => world.run(world.dice.int(2000, 12_000)),
  frame_faults: (world) => anyBoard(world).setFaults(randomFaults(world)),
  calm: (world) => anyBoard(world).setFaults(NO_FAULTS),
  stick: (world) => {
    const [bus, board] = world.dice.pick([...world.boards]);
    const channels = [world.dice.int(1, 8)];
    // A button that was pressed and hangs: what nobody granted cannot be switched off, so others have to go.
    if (world.dice.chance(0.5)) for (const channel of channels) board.pressButton(channel);
    world.truth.jam(bus, channels);
    board.setFaults({ stuck: channels });
  },
  power_cut: (world) => anyBoard(world).cutPower(world.dice.int(50, 6000)),
  unplug: (world) => world.wire(world.dice.pick(world.paths)).port.unplug(),
  plug_in: (world) => {
    for (const path of world.paths) world.wire(path).port.plugIn();
  },
  kill: (world) => world.kill(world.dice.pick(['abruptly', 'in_order'])),
  slow_disk: (world) => {
    world.disk.slowMs = world.dice.pick([40, 200, 300, 900, 2500]);
  },
  full_disk: (world) => {
    world.disk.isFull = true;
  },
  good_disk: (world) => {
    world.disk.isFull = false;
    world.disk.slowMs = 0;
  },
  rate: (world) => {
    if (world.house.appliances.length === 0) return;
    const change = { ratedMw: world.dice.int(1, 3_000_000) };
    world.ask({
      kind: 'change_appliance',
      appliance: world.dice.pick(world.house.appliances).id,
      change,
      who: PEOPLE[0],
    });
  },
  ...PLUG_ACTS,
  ...LOCK_ACTS,
};

function anyBoard(world: World) {
  return world.dice.pick([...world.boards.values()]);
}

function randomFaults({ dice }: World) {
  switch (dice.weighted({ drop: 3, corrupt: 3, duplicate: 2, delay: 3, mute: 1, banner: 1 })) {
    case 'drop':
      return { [dice.pick(['drop', 'drop_requests', 'drop_replies'])]: dice.pick([0.1, 0.4, 0.9]) };
    case 'corrupt':
      return { corrupt: dice.pick([0.1, 0.5]) };
    case 'duplicate':
      return { duplicate: dice.pick([0.2, 1]) };
    case 'delay':
      return { delay_ms: dice.pick([30, 150, 290, 310, 450, 900]) };
    case 'mute':
      return { mute: true };
    default:
      return { banner: true };
  }
}

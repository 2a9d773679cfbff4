import fc from 'fast-check';
import { ANNA, Home, settingsOf } from './home.ts';

/** A house with a circuit tree whose limits are reached at odd milliwatts. */
export const TREE = {
  baseLoadMw: 123_456,
  metered: ['house', 'kitchen', 'oven', 'bath'],
  circuits: [
    { id: 'kitchen', parent: null, limitMw: 3_600_001 },
    { id: 'oven', parent: 'kitchen', limitMw: 3_000_000 },
    { id: 'bath', parent: null, limitMw: 2_000_000 },
  ],
};

const CIRCUITS = ['house', 'kitchen', 'oven', 'bath'] as const;
/** `g` and `h` are declared loads, `f` hangs on the other board. */
const PLACES = { a: 1, b: 2, c: 3, d: 4, e: 5, f: 'attic/1', g: null, h: null } as const;
type Id = keyof typeof PLACES;

/** One thing that happens; `text` is what a failed run prints. */
export interface Act {
  readonly text: string;
  readonly run: (home: Home) => void;
}

/** Named, so that a failed run prints what happened. */
function named(text: string, run: (home: Home) => unknown): Act {
  return { text, run: (home) => void run(home), [fc.toStringMethod]: () => text } as Act;
}

const id = fc.constantFrom(...(Object.keys(PLACES) as Id[]));
const circuit = fc.constantFrom(...CIRCUITS);
const ratedMw = fc.oneof(fc.integer({ min: 1, max: 1_800_000 }), fc.constantFrom(100, 2_499_500, 2_500_500, 2_499_600));
const want = fc.constantFrom('on' as const, 'on' as const, 'off' as const, 'flip' as const);
const reading = fc.constantFrom('on' as const, 'off' as const, 'unknown' as const);
const key = fc.constantFrom(undefined, undefined, 'k1', 'k2', 'k3');

/** About an appliance; does nothing where it is not declared, so that shorter runs stay valid. */
function about<T>(
  arbitrary: fc.Arbitrary<T>,
  name: (t: T) => string,
  run: (home: Home, id: Id, t: T) => unknown,
): fc.Arbitrary<Act> {
  return fc
    .tuple(id, arbitrary)
    .map(([subject, t]) =>
      named(
        `${subject} ${name(t)}`,
        (home) => home.state.appliances.get(subject) !== undefined && run(home, subject, t),
      ),
    );
}

function hasRelay(home: Home, subject: Id): boolean {
  return home.appliance(subject).relay !== null;
}

const nothing = fc.constant(null);

const toggle = about(
  fc.record({ want, key }),
  (t) => `${t.want} ${t.key ?? ''}`,
  (home, subject, t) =>
    home.toggle(
      subject,
      t.want,
      t.key === undefined ? {} : { key: `${subject} ${t.key}`, hash: `${subject} ${t.want}` },
    ),
);
const obeys = about(
  fc.constantFrom(
    'ack' as const,
    'ack' as const,
    'ack' as const,
    'read' as const,
    'unproven' as const,
    'assumed' as const,
  ),
  (evidence) => `obeys by ${evidence}`,
  (home, subject, evidence) => hasRelay(home, subject) && home.obeys(subject, evidence),
);
/** A board that cannot be read back, told again what it should be. */
const assumed = about(
  fc.constantFrom('unproven' as const, 'assumed' as const),
  (evidence) => `is ${evidence}`,
  (home, subject, evidence) => hasRelay(home, subject) && home.assumes(subject, evidence),
);
const fails = about(
  reading,
  (r) => `fails ${r}`,
  (home, subject, r) => hasRelay(home, subject) && home.fails(subject, r),
);
const reads = about(
  fc.boolean(),
  (isOn) => `reads ${isOn}`,
  (home, subject, isOn) => hasRelay(home, subject) && home.reads({ [subject]: isOn }),
);
/** What a quiet poll finds: every relay as it was ordered. */
const quiet = fc.constant(
  named('all read as ordered', (home) => {
    for (const { id, relay, order } of [...home.state.appliances.values()])
      if (relay !== null) home.reads({ [id]: order.isOn });
  }),
);
const change = about(
  fc.record({ ratedMw, circuit }),
  (t) => JSON.stringify(t),
  (home, appliance, t) => home.decide({ kind: 'change_appliance', appliance, change: t, who: ANNA }),
);
const measured = about(
  fc.oneof(fc.integer({ min: 1, max: 4_000_000 }), fc.integer({ min: 0, max: 60_000 })),
  (mw) => `measured ${mw} mW`,
  (home, appliance, powerMw) => home.decide({ kind: 'measured', appliance, powerMw }),
);
const background = fc
  .tuple(circuit, fc.constantFrom(0, 10_000, 250_000, 900_000, 3_000_000))
  .map(([place, powerMw]) =>
    named(`background of ${place} ${powerMw} mW`, (home) =>
      home.decide({ kind: 'background', circuit: place, powerMw }),
    ),
  );
const overload = circuit.map((place) =>
  named(`${place} is measured over its limit`, (home) =>
    home.decide({
      kind: 'overload',
      circuit: place,
      powerMw: (home.state.circuits.get(place)?.limitMw ?? 0) + 900_000,
    }),
  ),
);
const retire = about(
  nothing,
  () => 'retire',
  (home, appliance) => home.decide({ kind: 'retire', appliance, reason: 'gone', who: ANNA }),
);
const withdraw = about(
  nothing,
  () => 'withdraw',
  (home, appliance) => home.decide({ kind: 'withdraw', appliance, generation: home.generation(appliance) }),
);
const remove = about(
  nothing,
  () => 'removed',
  (home, appliance) => home.decide({ kind: 'remove_appliance', appliance, who: ANNA }),
);
const add = fc.tuple(id, ratedMw, circuit).map(([subject, mw, place]) =>
  named(`add ${subject} ${mw} mW on ${place}`, (home) => {
    const settings = settingsOf(subject, { w: mw / 1000, channel: PLACES[subject], circuit: place });
    home.decide({ kind: 'add_appliance', settings, who: ANNA });
  }),
);
const restart = fc
  .tuple(fc.constantFrom(5_000_000, 4_000_001, 6_000_000), fc.constantFrom(TREE.metered, ['kitchen'], []))
  .map(([limitMw, metered]) =>
    named(`restart at ${limitMw} mW, meters: ${metered.join(' ')}`, (home) => home.restart({ limitMw, metered })),
  );
const lost = fc.constant(
  named('main lost', (home) => home.decide({ kind: 'bus_lost', bus: 'main', reason: 'no answer' })),
);
const later = fc.constantFrom(100, 4000, 24 * 3600 * 1000).map((ms) =>
  named(`${ms} ms later`, (home) => {
    home.upMs += ms;
  }),
);

const act = fc.oneof(
  { weight: 14, arbitrary: toggle },
  { weight: 10, arbitrary: obeys },
  { weight: 5, arbitrary: reads },
  { weight: 5, arbitrary: quiet },
  { weight: 3, arbitrary: fails },
  { weight: 4, arbitrary: change },
  { weight: 3, arbitrary: measured },
  { weight: 3, arbitrary: assumed },
  { weight: 3, arbitrary: background },
  { weight: 1, arbitrary: overload },
  { weight: 3, arbitrary: add },
  { weight: 1, arbitrary: lost },
  { weight: 2, arbitrary: later },
  { weight: 1, arbitrary: retire },
  { weight: 1, arbitrary: withdraw },
  { weight: 1, arbitrary: remove },
  { weight: 1, arbitrary: restart },
);

/** A house with all of its boards read, then whatever comes. */
export const life: fc.Arbitrary<readonly Act[]> = fc
  .tuple(
    fc.array(add, { minLength: 8, maxLength: 12, size: 'max' }),
    fc.array(act, { minLength: 1, maxLength: 80, size: 'max' }),
  )
  .map(([first, then]) => [...first, allOff, ...then]);

const allOff = named('all read off', (home) => {
  for (const { id, relay } of [...home.state.appliances.values()]) if (relay !== null) home.reads({ [id]: false });
});

/** Lives it in a new house; `after` looks at the house after each step. */
export function live(acts: readonly Act[], after: (home: Home, act: Act) => void = () => undefined): Home {
  const home = new Home(TREE);
  for (const one of acts) {
    one.run(home);
    after(home, one);
  }
  return home;
}

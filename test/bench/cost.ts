import { apply } from '../../daemon/core/apply.ts';
import { decide } from '../../daemon/core/decide.ts';
import type { Input } from '../../daemon/core/inputs.ts';
import { writeSnapshot } from '../../daemon/core/snapshot.ts';
import { draftOf, emptyState, type State } from '../../daemon/core/state.ts';
import { getRequest } from './client.ts';
import { median, seriesOf, timed } from './figures.ts';
import { clientOf, startHubChild } from './hub-child.ts';
import { ANNA, declaredLoad, HOUSEHOLD, toggle } from './in-process.ts';
import type { Place } from './place.ts';
import { heading, ms, note, p50p99, row, target, times } from './table.ts';

const FEW = 10;
const MANY = 10_000;
const ROUNDS = 40;
const DECISIONS_A_ROUND = 10_000;
const AT_MOST = 1.5;
/** What hub.ts does on its own thread, so many events apart. */
const SNAPSHOT_EVERY = 2000;

/** A house of so many appliances, and decisions about each in its turn. */
class House {
  readonly state: State = emptyState();
  readonly #toggles: readonly Input[];
  #next = 0;

  constructor(appliances: number) {
    this.#decide({ kind: 'configure', household: HOUSEHOLD, bootId: 'bench' });
    const ids = Array.from({ length: appliances }, (_, i) => `load-${i}`);
    for (const id of ids) this.#decide({ kind: 'add_appliance', settings: declaredLoad(id), who: ANNA });
    this.#toggles = [true, false].flatMap((isOn) => ids.map((id) => toggle(id, isOn)));
  }

  /** Microseconds a decision, over one round. */
  roundUs(): number {
    const startMs = performance.now();
    for (let i = 0; i < DECISIONS_A_ROUND; i++) this.#toggleNext();
    return ((performance.now() - startMs) * 1000) / DECISIONS_A_ROUND;
  }

  #toggleNext(): void {
    const input = this.#toggles[this.#next];
    this.#next = (this.#next + 1) % this.#toggles.length;
    if (input !== undefined) this.#decide(input);
  }

  /** As the queue does for a batch of one. */
  #decide(input: Input): void {
    const now = { upMs: performance.now(), wallMs: 0 };
    const { events, reply } = decide(draftOf(this.state), input, now);
    if (events.length === 0) throw new Error(`nothing was decided: ${JSON.stringify(reply)}`);
    for (const event of events) apply(this.state, event);
  }
}

/** What a decision costs must not grow with the house. */
export async function cost(place: Place): Promise<void> {
  const few = new House(FEW);
  const many = new House(MANY);
  const rounds = Array.from({ length: ROUNDS }, () => ({ fewUs: few.roundUs(), manyUs: many.roundUs() }));
  const fewUs = median(rounds.map((round) => round.fewUs));
  const manyUs = median(rounds.map((round) => round.manyUs));
  const ratio = manyUs / fewUs;
  heading(`Cost of a decision (decide and apply): ${ROUNDS} rounds of ${DECISIONS_A_ROUND} in turns, their median`);
  row(`${FEW} appliances`, `${fewUs.toFixed(2)} us`);
  row(`${MANY} appliances`, `${manyUs.toFixed(2)} us`);
  target(`${MANY} appliances to ${FEW}`, times(ratio), `<= ${AT_MOST} x`, ratio <= AT_MOST);
  await snapshots(many.state, manyUs);
  await metrics(place);
}

async function snapshots(state: State, decisionUs: number): Promise<void> {
  const { p50 } = seriesOf(await timed(20, () => writeSnapshot(state)));
  const shareUs = (p50 * 1000) / SNAPSHOT_EVERY;
  row(`text of a snapshot of ${MANY} appliances, every ${SNAPSHOT_EVERY} events`, ms(p50));
  note(`spread over these events ${shareUs.toFixed(2)} us each, ${times(shareUs / decisionUs)} a decision`);
}

async function metrics(place: Place): Promise<void> {
  const { url, token } = await startHubChild(place, { appliances: MANY });
  const client = await clientOf(place, url);
  for (const path of ['/metrics', '/api/load']) {
    const request = getRequest(path, token);
    const series = seriesOf(await timed(100, () => client.demand(request)));
    row(`GET ${path} with ${MANY} appliances (p50 / p99)`, p50p99(series));
  }
}

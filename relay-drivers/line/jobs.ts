import type { Priority } from '../driver.ts';
import type { Question } from './exchange.ts';

/** One exchange that waits for its turn. */
export interface Job {
  readonly priority: Priority;
  readonly question: Pick<Question<unknown>, 'hush'>;
  /** Sends it and returns when the line is free again; never throws. */
  readonly run: () => Promise<void>;
  /** The port closed before its turn came. */
  readonly rejectClosed: () => void;
}

/** A meter needs silence first, which every read of a relay breaks: after so many it has its turn. */
const READS_AHEAD_OF_A_METER = 4;

/**
 * OFF overtakes ON, both overtake reading relays (S7), and meters come last, but not never; within one priority, first
 * come first served.
 */
export class Jobs {
  readonly #lanes: Record<Priority, Job[]> = { off: [], on: [], read: [], meter: [] };
  #overtakenCount = 0;

  get isEmpty(): boolean {
    return Object.values(this.#lanes).every((lane) => lane.length === 0);
  }

  waiting(priority: Priority): number {
    return this.#lanes[priority].length;
  }

  add(job: Job): void {
    this.#lanes[job.priority].push(job);
  }

  /** To the head of its lane: it had its turn and only asked something first. */
  putBack(job: Job): void {
    this.#lanes[job.priority].unshift(job);
  }

  take(): Job | undefined {
    const job = this.#inOrder()
      .find((lane) => lane.length > 0)
      ?.shift();
    if (job?.priority === 'meter') this.#overtakenCount = 0;
    if (job?.priority === 'read' && this.#lanes.meter.length > 0) this.#overtakenCount += 1;
    return job;
  }

  takeAll(): Job[] {
    return this.#inOrder().flatMap((lane) => lane.splice(0));
  }

  /** The one that would be taken next. */
  get next(): Job | undefined {
    return this.#inOrder().find((lane) => lane.length > 0)?.[0];
  }

  #inOrder(): Job[][] {
    const { off, on, read, meter } = this.#lanes;
    return this.#overtakenCount < READS_AHEAD_OF_A_METER ? [off, on, read, meter] : [off, on, meter, read];
  }
}

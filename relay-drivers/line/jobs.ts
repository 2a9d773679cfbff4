import type { Priority } from '../driver.ts';

/** One exchange that waits for its turn. */
export interface Job {
  readonly priority: Priority;
  /** Sends it and returns when the line is free again; never throws. */
  readonly run: () => Promise<void>;
  /** The port closed before its turn came. */
  readonly rejectClosed: () => void;
}

/** OFF overtakes ON and both overtake reading (S7); within one priority, first come first served. */
export class Jobs {
  readonly #lanes: Record<Priority, Job[]> = { off: [], on: [], read: [] };

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
    return this.#lanes.off.shift() ?? this.#lanes.on.shift() ?? this.#lanes.read.shift();
  }

  takeAll(): Job[] {
    return [...this.#lanes.off.splice(0), ...this.#lanes.on.splice(0), ...this.#lanes.read.splice(0)];
  }
}

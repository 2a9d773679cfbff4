import type { Client, PublishPacket } from 'aedes';

export type Done = (error?: Error | null) => void;

/** A message on its way into aedes. */
export interface Job {
  readonly packet: PublishPacket;
  /** Null: the hub speaks. */
  readonly client: Client | null;
  /** It was published to be kept. */
  readonly isToKeep: boolean;
  readonly done: Done;
}

/**
 * One message at a time, from the number that aedes gives it until it goes out to its readers. aedes takes a message with a
 * lower number than the last for one that its reader has had, so of two that overtake each other one is lost; and those
 * of QoS 1 are overtaken while they are stored (moscajs/aedes#994).
 */
export class Serial {
  readonly #run: (job: Job) => void;
  readonly #jobs: Job[] = [];
  #current: Job | null = null;
  #isWorking = false;

  /** `run` calls `sent` when the message went out, and the job's `done` at last, in any case. */
  constructor(run: (job: Job) => void) {
    this.#run = run;
  }

  /** Whose message aedes is working on. */
  get current(): Job | null {
    return this.#current;
  }

  add(job: Job): void {
    this.#jobs.push(job);
    this.#work();
  }

  /** The message in hand goes out to its readers. */
  sent(): void {
    this.#current = null;
    this.#work();
  }

  /** All that was added has gone out. Nothing in between takes longer than a promise. */
  async idle(): Promise<void> {
    while (this.#current !== null || this.#jobs.length > 0) await null;
  }

  #work(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    while (this.#current === null) {
      const job = this.#jobs.shift();
      if (job === undefined) break;
      this.#start(job);
    }
    this.#isWorking = false;
  }

  #start(job: Job): void {
    const running: Job = {
      ...job,
      done: (error) => {
        // It failed before it went out.
        if (this.#current === running) this.#current = null;
        job.done(error);
        this.#work();
      },
    };
    this.#current = running;
    this.#run(running);
  }
}

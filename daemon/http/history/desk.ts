import { HistoryTrouble } from '../history-port.ts';
import { HTTP_LIMITS } from '../limits.ts';
import { Problem } from '../problems.ts';

/** Questions and exports, so many at a time: the thread of the history is there for what is written first. */
export class HistoryDesk {
  #questions = 0;
  #exports = 0;

  async ask<T>(work: () => Promise<T>): Promise<T> {
    if (this.#questions >= HTTP_LIMITS.historyQuestions)
      throw new Problem('history_unavailable', 'Too many questions wait for the power history.', { retryAfterS: 1 });
    this.#questions += 1;
    try {
      return await work();
    } catch (error) {
      throw problemOf(error);
    } finally {
      this.#questions -= 1;
    }
  }

  /** Returns what ends it; a second call changes nothing. */
  beginExport(): () => void {
    if (this.#exports >= HTTP_LIMITS.exports)
      throw new Problem('history_unavailable', `${HTTP_LIMITS.exports} exports are under way already.`);
    this.#exports += 1;
    let isOver = false;
    return () => {
      if (!isOver) this.#exports -= 1;
      isOver = true;
    };
  }
}

function problemOf(error: unknown): unknown {
  if (!(error instanceof HistoryTrouble)) return error;
  if (error.kind === 'too_much') return Problem.invalid([{ path: 'from', message: error.message }]);
  return new Problem('history_unavailable', error.message);
}

import pg from 'pg';
import { asReplicationError } from './classify.ts';
import { type Target, type Way, wayTo } from './connect.ts';
import { ReplicationError } from './errors.ts';
import { LEAST_SERVER, type Timing } from './limits.ts';

export type Param = string | number | boolean | null;
export type Answer = Readonly<Record<string, unknown>>;

/** What statements need of a connection. */
export interface Queries {
  /**
   * The rows of the answer. Several statements in one text make one transaction, and take no parameters. After `withinMs`
   * nobody is taken to be there any more.
   */
  query(text: string, params?: readonly Param[], withinMs?: number): Promise<readonly Answer[]>;
}

/** One connection from its first byte to its last; after a failure it is closed, and the next one is another. */
export class Session implements Queries {
  readonly #way: Way;
  readonly #client: pg.Client;
  /** Told once, however it ends. */
  readonly #over: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #waiting = new Set<(error: Error) => void>();
  readonly #cut: AbortSignal;
  readonly #onCut = (): void => this.close();
  #why: Error | null = null;
  #isOver = false;

  private constructor(way: Way, client: pg.Client, cut: AbortSignal) {
    this.#way = way;
    this.#cut = cut;
    this.#client = client;
    client.on('error', (error: Error) => {
      this.#why ??= error;
      this.close();
    });
    client.on('end', () => this.close());
    cut.addEventListener('abort', this.#onCut);
  }

  /** `cut` closes it at once, at any time. */
  static async open(target: Target, timing: Timing, cut: AbortSignal): Promise<Session> {
    const way = await wayTo(target, timing);
    const session = new Session(way, new pg.Client(way.config), cut);
    try {
      if (cut.aborted) session.close();
      await session.#asking(() => session.#client.connect());
      await session.#settle(timing);
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  }

  /** Resolves when the connection is gone, whoever ended it. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Throws why it is gone, once it is. */
  demandOpen(): void {
    if (this.#isOver) throw this.#told(this.#end());
  }

  query(text: string, params?: readonly Param[], withinMs?: number): Promise<readonly Answer[]> {
    const values = params === undefined ? {} : { values: [...params] };
    const patience = withinMs === undefined ? {} : { query_timeout: withinMs };
    return this.#asking(async () => {
      const answer = await this.#client.query<Record<string, unknown>>({ text, ...values, ...patience });
      return answer.rows;
    });
  }

  /** At once: what was under way is committed or not, which the next connection sees. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cut.removeEventListener('abort', this.#onCut);
    // A goodbye while nothing is asked; pg waits for the end of it, and for ever where it was still connecting.
    if (this.#waiting.size === 0) this.#client.end().catch(() => undefined);
    if (this.#waiting.size === 0) this.#way.socket.destroySoon();
    else this.#way.socket.destroy();
    for (const reject of this.#waiting) reject(this.#end());
    this.#over.resolve();
  }

  /** Whoever asks hears of the end of the connection: pg does not tell each of them. */
  async #asking<T>(work: () => Promise<T>): Promise<T> {
    this.demandOpen();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.add(reject);
    try {
      work().then(resolve, reject);
      return await promise;
    } catch (error) {
      throw this.#told(error);
    } finally {
      this.#waiting.delete(reject);
    }
  }

  #end(): Error {
    return this.#why ?? new Error('the connection was closed');
  }

  /** Not in the first packet: poolers take no settings there. */
  async #settle({ statementMs }: Timing): Promise<void> {
    const [found] = await this.query(
      `select set_config('statement_timeout', '${statementMs}', false), set_config('lock_timeout', '${statementMs}', false),
        set_config('client_min_messages', 'warning', false), current_setting('server_version_num')::int as version,
        pg_is_in_recovery() as is_standby`,
    );
    if (Number(found?.version) < LEAST_SERVER)
      throw new ReplicationError('postgres_old', `server version ${found?.version}`);
    if (found?.is_standby === true) throw new ReplicationError('postgres_read_only', 'the server is a standby');
  }

  /** What the server said before it hung up tells more than that it did. */
  #told(error: unknown): ReplicationError {
    const first = asReplicationError(error, this.#way.secrets);
    const isBare = first.code === 'postgres_unreachable' && this.#why !== null;
    const told = isBare ? asReplicationError(this.#why, this.#way.secrets) : first;
    if (told.code !== 'postgres_unreachable' || told.detail.includes(this.#way.place)) return told;
    return new ReplicationError(told.code, `${this.#way.place}: ${told.detail}`);
  }
}

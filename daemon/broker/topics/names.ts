/** The hub's own topics (api.md). */
export class TopicNames {
  readonly status: string;
  readonly load: string;
  readonly sets: string;
  readonly states: string;
  readonly #appliances: string;

  constructor(hubId: string) {
    const root = `voltsafe/${hubId}`;
    this.status = `${root}/status`;
    this.load = `${root}/load`;
    this.#appliances = `${root}/appliance`;
    this.sets = this.set('+');
    this.states = this.state('+');
  }

  set(id: string): string {
    return `${this.#appliances}/${id}/set`;
  }

  state(id: string): string {
    return `${this.#appliances}/${id}/state`;
  }

  result(id: string): string {
    return `${this.#appliances}/${id}/result`;
  }

  /** The appliance of a `set` or `state`; null where what stands there can be no id. */
  idOf(topic: string): string | null {
    const id = topic.split('/').at(-2) ?? '';
    const isOurs = topic === this.set(id) || topic === this.state(id);
    return isOurs && /^[a-z0-9][a-z0-9_-]{0,63}$/i.test(id) ? id : null;
  }
}

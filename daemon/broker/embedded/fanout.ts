import { TopicTree } from './topic-tree.ts';

type Deliver<P> = (packet: P, done: () => void) => void;

/**
 * What aedes hands each message to, in place of its own emitter, which queues behind slow readers and warns of leaks. Here
 * nothing waits: whoever reads too slowly is cut at its line.
 */
export class Fanout<P extends { readonly topic: string }> {
  readonly #tree = new TopicTree<Deliver<P>>();
  readonly #onEmit: (packet: P) => void;

  constructor(onEmit: (packet: P) => void) {
    this.#onEmit = onEmit;
  }

  on(filter: string, deliver: Deliver<P>, done?: () => void): this {
    this.#tree.add(filter, deliver);
    if (done !== undefined) queueMicrotask(done);
    return this;
  }

  removeListener(filter: string, deliver: Deliver<P>, done?: () => void): this {
    this.#tree.remove(filter, deliver);
    if (done !== undefined) queueMicrotask(done);
    return this;
  }

  emit(packet: P, done: () => void = () => {}): this {
    const readers = this.#tree.match(packet.topic);
    let left = readers.length;
    for (const deliver of readers) {
      deliver(packet, () => {
        left -= 1;
        if (left === 0) done();
      });
    }
    this.#onEmit(packet);
    if (readers.length === 0) done();
    return this;
  }

  close(done: () => void): this {
    queueMicrotask(done);
    return this;
  }
}

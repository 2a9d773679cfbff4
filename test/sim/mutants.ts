/** One change of the source. `find` stands exactly once in the file. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A rule taken out of the hub, to see that the checkers notice. */
export interface Mutant extends Edit {
  readonly name: string;
  /** The rule stands in two places, and each of them alone would do. */
  readonly also?: Edit;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'reserve only what reads on, not from before it is sent',
    file: 'daemon/core/capacity.ts',
    find: 'return isReleased(a) ? 0 : drawMw(a);',
    replace: "return isReleased(a) || a.observed !== 'on' ? 0 : drawMw(a);",
  },
  {
    name: 'release at the OFF order, not at its confirmation',
    file: 'daemon/core/capacity.ts',
    find: "return !a.order.isOn && a.order.isSettled && a.observed === 'off';",
    replace: 'return !a.order.isOn;',
  },
  {
    name: 'unknown counts as off',
    file: 'daemon/core/capacity.ts',
    find: 'return isReleased(a) ? 0 : drawMw(a);',
    replace: "return isReleased(a) || a.observed === 'unknown' ? 0 : drawMw(a);",
  },
  {
    // Either place alone would nearly do, because lines and lanes keep order; test/core has a row for each.
    name: 'believe observations that are older than the order: read before its bytes left',
    file: 'daemon/core/readings.ts',
    find: 'if (isUnderWay) return;',
    replace: 'if (isUnderWay && a.order.generation < 0) return;',
    also: {
      file: 'daemon/core/relay.ts',
      find: 'a.order.generation === generation ? a : null',
      replace: 'generation >= 0 ? a : null',
    },
  },
  {
    name: 'send before the commit',
    file: 'daemon/queue/queue.ts',
    find: 'this.#inFlight = batch;',
    replace:
      'this.#inFlight = batch; for (const o of ordersOf(batch.draft, batch.events, this.#parts)) this.#parts.dispatch.order(o);',
  },
  {
    name: 'answer before the commit',
    file: 'daemon/queue/queue.ts',
    find: 'this.#inFlight = batch;',
    replace:
      "this.#inFlight = batch; for (const { entry, reply } of batch.decided) if (reply.kind === 'answered') answerAll(entry, reply.answer);",
  },
  {
    name: 'send what was not valid any more',
    file: 'daemon/relays/carrier.ts',
    find: 'if (!this.#isCurrent(errand)) return false;',
    replace: 'if (!this.#isCurrent(errand)) return true;',
  },
  {
    name: 'repeat an unfinished ON after a restart',
    file: 'daemon/queue/orders.ts',
    find: '.filter((a) => !a.order.isOn).flatMap',
    replace: '.filter((a) => a.order.isOn || !a.order.isOn).flatMap',
  },
  {
    name: 'accept any ON that nobody asked for',
    file: 'daemon/core/readings.ts',
    find: 'if (fits && !isStuck && !isLockedOut(d.state, a))',
    replace: 'if ((fits || !fits) && !isStuck)',
  },
  {
    name: 'give an OFF up after its attempts',
    file: 'daemon/relays/carrier.ts',
    find: 'else this.#putOff(errand);',
    replace: 'else this.#errands.delete(channel);',
  },
  {
    name: 'never shed',
    file: 'daemon/core/shed.ts',
    find: 'if (excess(d.state.circuits.get(circuitId)) <= 0) return;',
    replace: 'if (circuitId !== null) return;',
  },
  {
    name: 'forget the first answer to a key',
    file: 'daemon/core/toggle.ts',
    find: 'if (kept.answer !== null) return',
    replace: 'if (kept.answer !== null && kept.seq < 0) return',
  },
  {
    name: 'refuse an OFF like an ON',
    file: 'daemon/core/toggle.ts',
    find: 'return isOn ? turnOn(d, a, asked) : turnOff(d, a, asked);',
    replace:
      'return isOn || d.state.household.limitMw < 4_500_000 ? turnOn(d, a, { ...asked }) : turnOff(d, a, asked);',
  },
  {
    name: 'believe FC0F whatever came back',
    file: 'daemon/relays/carrier.ts',
    find: 'if (sent instanceof DriverError) return;',
    replace:
      "if (sent instanceof DriverError) return offs.forEach((e) => this.#finish(e, { kind: 'obeyed', evidence: 'read' }));",
  },
  {
    name: 'switch the whole board off whatever else is on it',
    file: 'daemon/relays/carrier.ts',
    find: 'if (driver.allOff === undefined) return false;',
    replace: 'if (driver.channels > 0) return true;',
  },
];

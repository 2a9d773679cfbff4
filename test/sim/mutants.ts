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
  /** Looked for on demand: the worlds meet it, but seldom. */
  readonly isRare?: true;
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
    replace: 'this.#inFlight = batch; for (const o of ordersOf(batch.draft, batch)) this.#parts.dispatch.order(o);',
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
  {
    name: 'keep commands while the broker is down',
    file: 'relay-drivers/plugs/speech.ts',
    find: 'return this.#parts.isOpen() && this.#parts.port.send(topic, payload);',
    replace:
      'if (!this.#parts.isOpen()) this.#parts.clock.after(1500, () => this.send(topic, payload)); return !this.#parts.isOpen() || this.#parts.port.send(topic, payload);',
    also: {
      file: 'relay-drivers/plugs/plug.ts',
      find: 'return state.isOpen ? relay.orders.add',
      replace: 'return state !== null ? relay.orders.add',
    },
  },
  {
    name: 'believe every word of a plug at once',
    isRare: true,
    file: 'relay-drivers/plugs/channel.ts',
    find: "if (this.#unproven.length === 0 || (this.#round === 'asked' && !isNext)) return",
    replace: 'if (this.#unproven.length >= 0) return',
  },
  {
    name: 'count the tokens of a resource by its holders',
    file: 'daemon/core/locks/grant.ts',
    find: 'token: rowOf(d.state, resource).token + 1 }));',
    replace: 'token: rowOf(d.state, resource).holders.length + 1 }));',
  },
  {
    name: 'a restart forgets locks',
    file: 'daemon/core/locks/apply.ts',
    find: 'const holders = row.holders.filter(({ isPending }) => !isPending)',
    replace: 'const holders = row.holders.filter(({ isLockout, isPending }) => isLockout && !isPending)',
  },
  {
    name: 'a restart forgets the last token',
    file: 'daemon/core/locks/apply.ts',
    find: 'return { ...row, token: row.token + 1, holders, waiters: [], delay: null };',
    replace: 'return { ...row, token: 0, holders, waiters: [], delay: null };',
  },
  {
    name: 'time in which the hub stood still counts',
    file: 'daemon/timeline.ts',
    find: 'this.#upMs += Math.min(nowMs - this.#seenMs, STALL_MS);',
    replace: 'this.#upMs += nowMs - this.#seenMs;',
  },
  {
    name: 'leases run by the wall clock',
    file: 'daemon/timeline.ts',
    find: 'this.#upMs += Math.min(nowMs - this.#seenMs, STALL_MS);',
    replace: 'this.#upMs += Math.max(0, this.#clock.wallMs() - this.#wallMs); this.#wallMs = this.#clock.wallMs();',
    also: {
      file: 'daemon/timeline.ts',
      find: '  #seenMs: number;',
      replace: '  #seenMs: number; #wallMs = Date.UTC(2026, 0, 1);',
    },
  },
  {
    name: 'a renewal is told and not written down',
    file: 'daemon/core/locks/apply.ts',
    find: 'return { ...holder, ttlMs, deadlineUpMs, heardUpMs };',
    replace: 'return { ...holder, ttlMs, deadlineUpMs: holder.deadlineUpMs, heardUpMs };',
  },
  {
    name: 'take a retained state for an answer',
    isRare: true,
    file: 'relay-drivers/plugs/plug.ts',
    find: 'if (isRetained) {',
    replace: "if (isRetained && word.kind !== 'relay') {",
  },
  {
    name: 'no cut when an ON is given up',
    file: 'daemon/relays/carrier.ts',
    find: 'if (errand.isOn) this.#parts.driver.abandon?.(channel);',
    replace: '',
  },
  {
    name: "who shares is in nobody's way",
    file: 'daemon/core/locks/grant.ts',
    find: "(holder) => mode === 'exclusive' || holder.mode === 'exclusive'",
    replace: "(holder) => holder.mode === 'exclusive'",
  },
  {
    name: 'locks of circuits bar nobody',
    file: 'daemon/core/locks/permit.ts',
    find: 'const above = locksAbove(state, a);',
    replace: 'const above = locksAbove(state, a).slice(0, 1);',
  },
  {
    name: 'a dead token passes where nobody holds the lock',
    file: 'daemon/core/locks/permit.ts',
    find: '?? stale(state, above, asker, upMs);',
    replace: '?? null;',
  },
  {
    name: 'no second look at the locks when bytes leave',
    file: 'daemon/relays/carrier.ts',
    find: 'errand.lapsedBy = errand.hasLeft ? null : (this.#parts.lockAgainst?.(appliance) ?? null);',
    replace:
      'errand.lapsedBy = errand.hasLeft || appliance.length > 0 ? null : (this.#parts.lockAgainst?.(appliance) ?? null);',
  },
  {
    name: 'a lockout lets its holder switch on',
    isRare: true,
    file: 'daemon/core/locks/permit.ts',
    find: 'if ((holder.isLockout && isOn) || !isIts(holder, resource, asker))',
    replace: 'if (!isIts(holder, resource, asker))',
  },
  {
    name: 'a lockout is granted before all is off',
    file: 'daemon/core/locks/lockout.ts',
    find: 'if (holder?.isPending !== true || !(coveredBy(d.state, resource) ?? []).every(isReleased)) return;',
    replace: 'if (holder?.isPending !== true) return;',
  },
];

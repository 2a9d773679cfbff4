import { describe, expect, it } from 'vitest';
import { Relays } from '../../daemon/relays/relays.ts';
import { Rig } from './rig.ts';

/** Two boards, each on a line of its own, on one clock each: what one does is nothing to the other. */
function twoBoards(): { main: Rig; attic: Rig; relays: Relays; told: string[] } {
  const [main, attic] = [new Rig(), new Rig()];
  const told: string[] = [];
  const relays = new Relays([main.parts, { ...attic.parts, bus: 'attic', clock: main.clock }], ({ kind }) =>
    told.push(kind),
  );
  return { main, attic, relays, told };
}

describe('all boards of the hub', () => {
  it('an order goes to its own', async () => {
    const { main, attic, relays } = twoBoards();
    relays.order(main.order(1, true));
    relays.order({ ...attic.order(2, true), bus: 'attic' });
    await main.clock.settle();
    expect([main.board.left, attic.board.left]).toEqual([['on 1'], ['on 2']]);
  });

  it('an order for a board that is not configured fails at once', () => {
    const { main, relays, told } = twoBoards();
    relays.order({ ...main.order(1, false), bus: 'cellar' });
    expect(told).toEqual(['relay_failed']);
  });

  it('an OFF of S7 for a board that is not configured is not confirmed', async () => {
    const { relays } = twoBoards();
    expect(await relays.emergencyOff('cellar', 1)).toBe(false);
  });

  it('an OFF of S7 leaves, and ends when the ledger commits again', async () => {
    const { main, relays } = twoBoards();
    main.board.always = 'timeout';
    const off = relays.emergencyOff('main', 1);
    await main.clock.advance(10);
    expect(main.board.left).toEqual(['off 1']);
    relays.emergencyIsOver();
    expect(await off).toBe(false);
  });

  it('are known when each was read or given up', async () => {
    const { main, attic, relays } = twoBoards();
    attic.board.isOpen = false;
    relays.start();
    await main.clock.advance(100);
    expect(relays.isKnown).toBe(false);
    attic.board.close('no such file');
    expect(relays.isKnown).toBe(true);
    expect(relays.health()).toMatchObject([
      { id: 'main', up: true, reason: null },
      { id: 'attic', up: false, reason: 'no such file' },
    ]);
    relays.close();
  });

  it('are looked at when an appliance came to them, and no other is', async () => {
    const { main, attic, relays } = twoBoards();
    relays.bindingsChanged(['main']);
    await main.clock.settle();
    expect([main.board.left, attic.board.left]).toEqual([['read'], []]);
  });
});

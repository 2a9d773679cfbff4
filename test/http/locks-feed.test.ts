import { describe, expect, it } from 'vitest';
import type { Resource } from '../../daemon/http/wire.ts';
import { Asker } from './live-asker.ts';
import { EXCLUSIVE } from './locking.ts';
import { openServer, TOKENS } from './rig.ts';

const X = { resource: 'x', ...EXCLUSIVE };
const LONG = { ...X, ttl_ms: 600_000, wait_ms: 60_000 };

const lockEvents = ({ feed }: Asker) => feed.of('event').filter(({ kind }) => kind.startsWith('lock_'));

describe('the live feed of locks', () => {
  it('begins with those that are held, and tells each change with how it left them', async () => {
    const opened = await openServer();
    const operator = await Asker.open(opened);
    await operator.ask('acquire', { ...X, ttl_ms: 5000 });
    await opened.clock.advance(1000);
    const admin = await Asker.open(opened, 'admin');
    const [snapshot] = admin.feed.of('snapshot');
    const held = { resource: 'x', state: 'held', holding: 1, waiting: 0 };
    expect(snapshot?.locks).toMatchObject([{ ...held, holders: [{ fencing_token: 1, expires_in_ms: 4000 }] }]);
    await opened.clock.advance(500);
    const later = await Asker.open(opened, 'viewer');
    expect(later.feed.of('snapshot')[0]?.locks).toMatchObject([{ holders: [{ expires_in_ms: 3500 }] }]);

    const id = admin.send('acquire', { ...LONG, ttl_ms: 5000 });
    await expect.poll(() => opened.hub.lock('x').waiting).toBe(1);
    await operator.ask('renew', { resource: 'x', fencing_token: 1 });
    await operator.ask('release', { resource: 'x', fencing_token: 1 });
    await admin.reply(id);
    await admin.ask('downgrade', { resource: 'x', fencing_token: 2 });
    await opened.clock.advance(5000);
    await operator.ask('acquire', X);
    await admin.ask('force_release', { resource: 'x', reason: 'enough' });
    await expect.poll(() => lockEvents(later).at(-1)?.kind).toBe('lock_forced');
    const told = lockEvents(later).map(({ kind, lock }) => {
      const { holder, grants, reason, resources } = lock as {
        holder: string;
        grants: { fencing_token: number }[];
        reason: string;
        resources: Resource[];
      };
      const [{ state, fencing_token, holding, waiting } = {} as Resource] = resources;
      return [
        kind,
        holder,
        grants.map(({ fencing_token: token }) => token),
        reason,
        state,
        fencing_token,
        holding,
        waiting,
      ];
    });
    expect(told).toEqual([
      ['lock_queued', 'the admin', [], null, 'held', 1, 1, 1],
      ['lock_renewed', 'the operator', [1], null, 'held', 1, 1, 1],
      ['lock_released', 'the operator', [1], null, 'free', 1, 0, 1],
      ['lock_acquired', 'the admin', [2], null, 'held', 2, 1, 0],
      ['lock_downgraded', 'the admin', [3], null, 'held', 3, 1, 0],
      ['lock_expired', null, [3], null, 'free', 4, 0, 0],
      ['lock_acquired', 'the operator', [5], null, 'held', 5, 1, 0],
      ['lock_forced', 'the admin', [5], 'enough', 'free', 6, 0, 0],
    ]);
    const decisions = await opened.hub.decisions(0, 1000);
    const recorded = decisions.filter(({ kind }) => kind.startsWith('lock_')).map(({ seq, kind }) => [seq, kind]);
    expect(lockEvents(operator).map(({ seq, kind }) => [seq, kind])).toEqual(recorded);
  });

  it('goes on where it was left, and says how long locks last from now', async () => {
    const opened = await openServer();
    const operator = await Asker.open(opened);
    const knownSeq = opened.hub.seq();
    await operator.ask('acquire', X);
    await opened.clock.advance(4000);
    const resumed = new Asker(opened, TOKENS.viewer, `?after=${knownSeq}`);
    const [locks] = await resumed.feed.heard('locks');
    expect(lockEvents(resumed).map(({ kind }) => kind)).toEqual(['lock_acquired']);
    expect(locks?.locks).toMatchObject([{ resource: 'x', holders: [{ expires_in_ms: 6000 }] }]);
    await operator.ask('release', { resource: 'x', fencing_token: 1 });
    await expect.poll(() => lockEvents(resumed).at(-1)).toMatchObject({ kind: 'lock_released', seq: opened.hub.seq() });
    const again = new Asker(opened, TOKENS.viewer, `?after=${knownSeq}`);
    expect((await again.feed.heard('locks'))[0]).toEqual({ type: 'locks', locks: [] });
    const upToDate = new Asker(opened, TOKENS.viewer, `?after=${opened.hub.seq()}`);
    await upToDate.feed.heard('ping');
    expect(upToDate.feed.of('locks')).toEqual([]);
  });

  it('tells of a wait that ended, and shows twenty of many', async () => {
    const opened = await openServer();
    const [admin, operator] = [await Asker.open(opened, 'admin'), await Asker.open(opened)];
    await admin.ask('acquire', LONG);
    for (let i = 0; i < 25; i += 1) operator.send('acquire', LONG);
    await expect.poll(() => opened.hub.lock('x').waiters.length).toBe(25);
    await expect.poll(() => lockEvents(admin).at(-1)?.lock).toMatchObject({ resources: [{ waiting: 25 }] });
    const lock = lockEvents(admin).at(-1)?.lock;
    expect((lock as { resources: Resource[] } | undefined)?.resources[0]?.waiters).toHaveLength(20);
    operator.feed.socket.terminate();
    await expect.poll(() => opened.hub.lock('x').waiting).toBe(0);
    await expect
      .poll(() => lockEvents(admin).at(-1))
      .toMatchObject({
        kind: 'lock_wait_ended',
        lock: { reason: 'cancelled', resources: [{ resource: 'x', waiting: 0, state: 'held' }] },
      });
  });
});

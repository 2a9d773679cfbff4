import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runningHouse } from './rig.ts';

describe('precision', { timeout: 60_000 }, () => {
  it('2500.5 + 2499.6 is refused against 5000, 2500.5 + 2499.5 is not', async () => {
    const house = await runningHouse({ buses: {} });
    const { api } = house;
    await house.add('a', 2500.5);
    await house.add('b', '2499.6');
    await house.add('c', '2499.5');
    expect((await api.toggle('a', true)).status).toBe(200);
    const { status, body } = await api.toggle('b', true);
    expect(status).toBe(403);
    expect(body).toMatchObject({ reserved_w: 2500.5, requested_w: 2499.6, exceeded_by_w: 0.1 });
    expect((await api.toggle('c', true)).body.load).toMatchObject({ reserved_w: 5000, headroom_w: 0 });
  });

  it('ten times 0.1 is exactly 1', async () => {
    const house = await runningHouse({ limits: { limit_w: 1 }, buses: {} });
    const { api } = house;
    const ids = Array.from({ length: 11 }, (_, i) => `led-${i}`);
    await Promise.all(ids.map((id) => house.add(id, 0.1)));
    for (const id of ids.slice(0, 10)) expect((await api.toggle(id, true)).status).toBe(200);
    expect((await api.load()).reserved_w).toBe(1);
    expect((await api.toggle('led-10', true)).body).toMatchObject({ reserved_w: 1, exceeded_by_w: 0.1 });
  });

  it('fractional sums are exact under random sequences', async () => {
    const house = await runningHouse({ buses: {} });
    const { api } = house;
    let runs = 0;
    const loads = fc.array(fc.integer({ min: 1, max: 3_000_000 }), { minLength: 2, maxLength: 12 });
    const steps = fc.array(fc.tuple(fc.nat(11), fc.boolean()), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(loads, steps, async (ratedMw, toggles) => {
        const run = runs++;
        const idOf = (index: number) => `load-${run}-${index}`;
        await Promise.all(ratedMw.map((mw, i) => house.add(idOf(i), inWatts(BigInt(mw)))));
        const on = new Map<number, bigint>();
        for (const [pick, isOn] of toggles) {
          const index = pick % ratedMw.length;
          const before = sum(on.values());
          const wanted = BigInt(ratedMw[index] ?? 0);
          const fits = !isOn || on.has(index) || before + wanted <= 5_000_000n;
          const { status } = await api.toggle(idOf(index), isOn);
          expect(status).toBe(fits ? 200 : 403);
          if (fits && isOn) on.set(index, wanted);
          if (!isOn) on.delete(index);
          expect((await api.load()).reserved_w).toBe(Number(inWatts(sum(on.values()))));
        }
        await Promise.all([...on.keys()].map((index) => api.toggle(idOf(index), false)));
      }),
      { numRuns: 12 },
    );
  });
});

function sum(values: Iterable<bigint>): bigint {
  return [...values].reduce((total, mw) => total + mw, 0n);
}

/** Milliwatts as a decimal string: no float on the way. */
function inWatts(mw: bigint): string {
  return `${mw / 1000n}.${String(mw % 1000n).padStart(3, '0')}`;
}

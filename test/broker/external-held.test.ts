import { describe, expect, it } from 'vitest';
import { HeldCommands } from '../../daemon/broker/external-held.ts';
import { EXTERNAL_LIMITS } from '../../daemon/broker/external-limits.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';

function rig() {
  const clock = new VirtualClock();
  const left: string[] = [];
  const held = new HeldCommands({
    clock,
    ping: () => left.push('ping'),
    publish: (topic, payload) => left.push(`${topic} ${payload}`),
  });
  return { clock, left, held };
}

describe('commands to a broker that is not ours', () => {
  it('leave in their order when the broker showed that it is there, one ping for all that wait', () => {
    const { left, held } = rig();
    for (const payload of ['ON', 'OFF']) expect(held.add('cmnd/plug/POWER', payload)).toBe(true);
    expect(left).toEqual(['ping']);
    held.answered();
    expect(left).toEqual(['ping', 'cmnd/plug/POWER ON', 'cmnd/plug/POWER OFF']);
    held.answered();
    expect(held.add('cmnd/plug/POWER', 'ON')).toBe(true);
    expect(left.slice(3)).toEqual(['ping']);
  });

  it('are dropped when it does not, and never leave later (S11)', async () => {
    const { clock, left, held } = rig();
    held.add('cmnd/plug/POWER', 'ON');
    await clock.advance(EXTERNAL_LIMITS.heldMs);
    held.answered();
    expect(left).toEqual(['ping']);
    held.add('cmnd/plug/POWER', 'OFF');
    held.answered();
    expect(left).toEqual(['ping', 'ping', 'cmnd/plug/POWER OFF']);
  });

  it('are refused where too many wait', () => {
    const { held } = rig();
    for (let count = 0; count < EXTERNAL_LIMITS.heldCommands; count += 1) expect(held.add('t', 'x')).toBe(true);
    expect(held.add('t', 'x')).toBe(false);
  });
});

import { describe, expect, it, vi } from 'vitest';
import { connect, HUB, listen, openRig } from './embedded-rig.ts';

describe('the embedded broker', () => {
  it('carries what devices say to the hub and to those who may hear it', async () => {
    const rig = await openRig();
    const heard: string[] = [];
    rig.broker.subscribe('tele/plug1/#', ({ topic, payload, isRetained }) => {
      heard.push(`${topic} ${Buffer.from(payload)} ${isRetained}`);
    });
    const plug = await rig.connect('plug1');
    await plug.publishAsync('tele/plug1/LWT', 'Online', { qos: 1, retain: true });
    await plug.publishAsync('tele/plug1/STATE', '{"POWER":"ON"}');
    await vi.waitFor(() => expect(heard).toEqual(['tele/plug1/LWT Online false', 'tele/plug1/STATE {"POWER":"ON"} false']));
  });

  it('carries commands', async () => {
    const rig = await openRig();
    const plug = await rig.connect('plug1');
    const heard = await listen(plug, 'cmnd/plug1/#');
    expect(rig.broker.send('cmnd/plug1/POWER', 'ON')).toBe(true);
    await vi.waitFor(() => expect(heard).toEqual(['cmnd/plug1/POWER ON']));
  });

  it('refuses a wrong password', async () => {
    const rig = await openRig();
    await expect(connect(rig.broker.url, 'plug1', { password: 'wrong' })).rejects.toThrow(/Not authorized/);
    expect(HUB).toBe('home-1');
  });
});

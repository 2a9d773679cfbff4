import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Broker } from '../../daemon/broker/port.ts';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { plugProtocol, plugSettings } from '../../relay-drivers/plug-registry.ts';
import { Plug } from '../../relay-drivers/plugs/plug.ts';
import { folder, openRig, type Rig } from './embedded-rig.ts';

const STATUS = 'plug1/status';
const STATE = 'plug1/switch/relay/state';
const KEPT = { qos: 1, retain: true } as const;

/** A broker that was killed while a node was there, and off: the node's last will was never said. */
async function killedAndBack(status = 'online'): Promise<Rig> {
  const dataDir = folder();
  const first = await openRig({ dataDir });
  await say(first, status, 'OFF');
  await first.broker.close();
  return openRig({ dataDir });
}

/** A client without a will, so that nothing is said when it is gone. */
async function say({ connect }: Rig, status: string, state: string): Promise<void> {
  const node = await connect('plug1');
  await node.publishAsync(STATUS, status, KEPT);
  await node.publishAsync(STATE, state, KEPT);
}

/** It cannot be asked: what it told last is what it is. */
function nodeOn(port: Broker): Plug {
  const fields = { id: 'node', driver: 'esphome', prefix: 'plug1', switches: [{ switch: 'relay' }], timeout_ms: 500 };
  const plug = new Plug({ id: 'node', port, clock: systemClock, protocol: plugProtocol(plugSettings.parse(fields)) });
  plug.start();
  onTestFinished(() => plug.close());
  return plug;
}

function read(plug: Plug): Promise<boolean[]> {
  return plug.readCoils({ priority: 'read', stillValid: () => true });
}

describe('what the broker kept before its own start', () => {
  it('is told as such, until it is said again, word for word or not', async () => {
    const rig = await killedAndBack();
    const told: string[] = [];
    const hear = (filter: string) =>
      rig.broker.subscribe(filter, ({ topic, payload, isOfEarlierRun = false }) => {
        told.push(`${topic} ${payload} ${isOfEarlierRun ? 'earlier' : 'now'}`);
      });
    hear('plug1/#');
    await vi.waitFor(() => expect(told).toEqual([`${STATUS} online earlier`, `${STATE} OFF earlier`]));
    const node = await rig.connect('plug1');
    await node.publishAsync(STATUS, 'online', KEPT);
    told.splice(0);
    hear('+/#');
    await vi.waitFor(() => expect(told).toEqual([`${STATUS} online now`, `${STATE} OFF earlier`]));
  });

  it('says nothing of a relay: its node is not there yet, and a hand may have switched it', async () => {
    const rig = await killedAndBack();
    const plug = nodeOn(rig.broker);
    await expect(read(plug)).rejects.toMatchObject({ code: 'timeout' });
    await say(rig, 'online', 'ON');
    expect(await read(plug)).toEqual([true]);
  });

  it('of a node that was away, it says that it is', async () => {
    const { broker } = await killedAndBack('offline');
    const plug = nodeOn(broker);
    await vi.waitFor(() => expect(plug.isOpen).toBe(false));
  });
});

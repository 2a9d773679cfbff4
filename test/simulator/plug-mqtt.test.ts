import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { SimulatedPlug } from '../../relay-drivers/simulator/plug.ts';
import { mqttPlug } from '../../relay-drivers/simulator/plug-mqtt.ts';
import { plainFirmware } from './plain-firmware.ts';
import { userBroker } from './user-broker.ts';

async function plugAt(url: string, password = 'right') {
  const connect = await mqttPlug({ url, username: 'kettle', password }, 'kettle');
  const parts = { connect, clock: systemClock, random: () => 0 };
  const plug = new SimulatedPlug({ name: 'kettle', flavour: plainFirmware, channels: 1, loadsW: [2000] }, parts);
  onTestFinished(() => plug.close());
  plug.start();
  return plug;
}

const ONLINE = { line: 'kettle kettle/online true', retain: true };
const WILL = { line: expect.stringMatching(/ kettle\/online false$/) as string, retain: true };

it('a plug is a client of a real broker: it obeys, says so, tells its will, and comes back', async () => {
  const broker = await userBroker({ kettle: 'right' });
  const plug = await plugAt(broker.url);
  await expect.poll(() => broker.heard).toContainEqual(ONLINE);
  const isClosed = () => {
    broker.send('kettle/set', '1 ON');
    return plug.coils()[0]?.closed;
  };
  await expect.poll(isClosed).toBe(true);
  await expect.poll(() => broker.heard).toContainEqual({ line: 'kettle kettle/1 ON 2000W', retain: false });
  plug.setFaults({ vanish: true });
  await expect.poll(() => broker.heard).toContainEqual(WILL);
  broker.heard.splice(0);
  plug.setFaults({ vanish: false });
  await expect.poll(() => broker.heard).toContainEqual(ONLINE);
  broker.heard.splice(0);
  broker.cutAll();
  await expect.poll(() => broker.heard, { timeout: 5000 }).toContainEqual(ONLINE);
  broker.heard.splice(0);
  plug.close();
  expect(plug.isConnected).toBe(false);
});

it('a plug with a wrong password is refused, and nothing of it is heard', async () => {
  const broker = await userBroker({ kettle: 'right' });
  const plug = await plugAt(broker.url, 'wrong');
  const lost = await mqttPlug({ url: broker.url, username: 'kettle', password: 'wrong' }, 'other');
  const why = await new Promise<string>((resolve) => lost({ topic: 'x', payload: '' }).onLost(resolve));
  expect(why).toMatch(/not authorized/i);
  expect(plug.isConnected).toBe(false);
  expect(broker.heard).toEqual([]);
});

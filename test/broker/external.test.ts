import { describe, expect, it, vi } from 'vitest';
import { EXTERNAL_LIMITS } from '../../daemon/broker/external-limits.ts';
import { realClock } from '../drivers/real-clock.ts';
import { VirtualClock } from '../drivers/virtual-clock.ts';
import { Detour } from './detour.ts';
import { clientOf, openOutside, startMosquitto, up } from './external-rig.ts';
import { freePort } from './mosquitto.ts';
import { listenTo, requestsOn, textOf } from './suite.ts';

describe('reaching a broker', () => {
  it('goes on without it, and reaches it once it is there', async () => {
    const mosquitto = await startMosquitto();
    await mosquitto.stop();
    const { broker, troubles } = await openOutside(mosquitto.url);
    expect(broker.state.isUp).toBe(false);
    await vi.waitFor(() => expect(reasonOf(broker)).toContain('is the broker running'));
    expect(broker.send('cmnd/plug1/POWER', 'ON')).toBe(false);
    await mosquitto.start();
    await up(broker);
    expect(troubles).toHaveLength(1);
  });

  it('says that the password is wrong, and says it once', async () => {
    const mosquitto = await startMosquitto();
    const { broker, troubles } = await openOutside(mosquitto.url, { password: 'wrong' });
    await vi.waitFor(() => expect(reasonOf(broker)).toContain('mqtt.password_file'));
    expect(troubles).toHaveLength(1);
    expect(troubles.join()).not.toContain('wrong');
  });

  it('says that nobody listens there, and that a name is unknown', async () => {
    const { broker } = await openOutside(`mqtt://localhost:${await freePort()}`);
    await vi.waitFor(() => expect(reasonOf(broker)).toContain('nothing listens there'));
    const other = await openOutside('mqtt://no-such-host.invalid');
    await vi.waitFor(() => expect(reasonOf(other.broker)).toMatch(/DNS/));
  });

  it('shows where it connects, without what stands in the address', async () => {
    const port = await freePort();
    const { broker } = await openOutside(`mqtt://me:secret@localhost:${port}`);
    expect(broker.url).toBe(`mqtt://localhost:${port}`);
  });
});

describe('TLS', () => {
  it('reaches a broker whose certificate it may trust', async () => {
    const mosquitto = await startMosquitto({ isTls: true });
    const { broker } = await openOutside(mosquitto.url, { ca: mosquitto.ca ?? '' });
    await up(broker);
    const plug = await (await clientOf(mosquitto, 'plug1')).listen('cmnd/plug1/#');
    expect(broker.send('cmnd/plug1/POWER', 'ON')).toBe(true);
    await plug.until(() => plug.heard.length === 1);
  });

  it('refuses one that it does not know, and says what to do', async () => {
    const mosquitto = await startMosquitto({ isTls: true });
    const { broker } = await openOutside(mosquitto.url);
    await vi.waitFor(() => expect(reasonOf(broker)).toContain('mqtt.ca_file'));
  });

  it('refuses one that is for another name', async () => {
    const mosquitto = await startMosquitto({ isTls: true, certifiedName: 'elsewhere.example' });
    const { broker } = await openOutside(mosquitto.url, { ca: mosquitto.ca ?? '' });
    await vi.waitFor(() => expect(reasonOf(broker)).toContain('another name'));
  });

  it('says when TLS is spoken to a port without, and the other way round', async () => {
    const plain = await startMosquitto();
    const secured = await startMosquitto({ isTls: true });
    const first = await openOutside(plain.url.replace('mqtt:', 'mqtts:'));
    const second = await openOutside(secured.url.replace('mqtts:', 'mqtt:'));
    await vi.waitFor(() => expect(reasonOf(first.broker)).toMatch(/mqtts:\/\/ \(TLS\)|TLS port/), 10_000);
    await vi.waitFor(() => expect(reasonOf(second.broker)).toMatch(/mqtts:\/\/ \(TLS\)/), 10_000);
  });
});

describe('nothing is late (S11)', () => {
  it('lets the broker say that the hub is gone', async () => {
    const mosquitto = await startMosquitto();
    const cable = await Detour.to(mosquitto.port);
    const { broker } = await openOutside(cable.url);
    await up(broker);
    const ha = await (await clientOf(mosquitto, 'home-assistant')).listen('voltsafe/home/status');
    cable.pull();
    await ha.until(() => ha.heard.length > 0);
    expect(ha.heard.map(({ payload }) => payload)).toEqual(['offline']);
    await vi.waitFor(() => expect(broker.state.isUp).toBe(false));
  });

  it('leaves with a goodbye: the last will is not published', async () => {
    const mosquitto = await startMosquitto();
    const { broker } = await openOutside(mosquitto.url);
    await up(broker);
    const ha = await (await clientOf(mosquitto, 'home-assistant')).listen('voltsafe/home/#');
    await broker.publish('voltsafe/home/load', '1', { qos: 1, retain: false });
    await broker.close();
    const other = await openOutside(mosquitto.url);
    await up(other.broker);
    await other.broker.publish('voltsafe/home/load', '2', { qos: 1, retain: false });
    await ha.until(() => ha.on('voltsafe/home/load').length === 2);
    expect(ha.on('voltsafe/home/status')).toEqual([]);
  });

  it('hears nothing of what was asked while it was away', async () => {
    const mosquitto = await startMosquitto();
    const first = await openOutside(mosquitto.url);
    requestsOn(first.broker);
    await up(first.broker);
    await first.broker.close();
    const ha = await clientOf(mosquitto, 'home-assistant');
    await ha.say('voltsafe/home/appliance/lamp/set', 'ON');
    const { broker } = await openOutside(mosquitto.url);
    const heard = requestsOn(broker);
    await up(broker);
    await ha.say('voltsafe/home/appliance/lamp/set', 'OFF');
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(heard.map(textOf)).toEqual(['OFF']);
  });

  it('takes back what hangs in the connection when it is told so', async () => {
    const mosquitto = await startMosquitto();
    const cable = await Detour.to(mosquitto.port);
    const clock = new VirtualClock();
    const { broker } = await openOutside(cable.url, { clock });
    await up(broker);
    const plug = await (await clientOf(mosquitto, 'plug1')).listen('cmnd/plug1/#');
    cable.stall();
    expect(broker.send('cmnd/plug1/POWER', 'ON')).toBe(true);
    broker.cut('cmnd/plug1/POWER');
    await clock.advance(EXTERNAL_LIMITS.proofMs);
    await vi.waitFor(() => expect(reasonOf(broker)).toContain('ping'));
    await clock.advance(EXTERNAL_LIMITS.retryFirstMs);
    await up(broker);
    expect(broker.send('cmnd/plug1/POWER', 'now')).toBe(true);
    await plug.until(() => plug.heard.length > 0);
    expect(plug.heard.map(({ payload }) => payload)).toEqual(['now']);
  });

  it('keeps a connection that answers when something is cut', async () => {
    const mosquitto = await startMosquitto();
    const clock = new VirtualClock();
    const { broker, troubles } = await openOutside(mosquitto.url, { clock });
    await up(broker);
    for (let count = 0; count < 3; count += 1) broker.cut('cmnd/plug1/POWER');
    // Acknowledged in its turn, after the ping.
    await broker.publish('voltsafe/home/load', '1', { qos: 1, retain: false });
    await clock.advance(2 * EXTERNAL_LIMITS.proofMs);
    await broker.publish('voltsafe/home/load', '2', { qos: 1, retain: false });
    expect(troubles).toEqual([]);
  });

  it('does not say that the broker has what it lost', async () => {
    const mosquitto = await startMosquitto();
    const { broker } = await openOutside(mosquitto.url);
    await up(broker);
    mosquitto.freeze();
    const published = broker.publish('voltsafe/home/load', '1', { qos: 1, retain: true });
    const rejected = expect(published).rejects.toThrow('may not have it');
    await mosquitto.kill();
    await rejected;
  });

  it('takes no more commands than a broker that hangs has room for', async () => {
    const mosquitto = await startMosquitto();
    const { broker } = await openOutside(mosquitto.url);
    await up(broker);
    mosquitto.freeze();
    const payload = 'x'.repeat(8192);
    let taken = 0;
    while (taken < 10_000 && broker.send('cmnd/plug1/POWER', payload)) taken += 1;
    expect(taken).toBeLessThan(10_000);
  });
});

describe('a hostile broker', () => {
  it('hears a flood in turns', async () => {
    const mosquitto = await startMosquitto();
    const plug = await clientOf(mosquitto, 'plug1');
    const many = 5000;
    const topics = Array.from({ length: many }, (_, number) => `tele/plug1/${number}`);
    for (const topic of topics) plug.mqtt.publish(topic, 'x', { qos: 0, retain: true });
    await plug.say('tele/plug1/last', 'x');
    const { broker } = await openOutside(mosquitto.url);
    await up(broker);
    let turns = 0;
    const count = (): void => {
      turns += 1;
      realClock.after(0, count);
    };
    let heard = 0;
    broker.subscribe('tele/plug1/+', () => {
      if (heard === 0) count();
      heard += 1;
    });
    await vi.waitFor(() => expect(heard).toBe(many), 10_000);
    expect(turns).toBeGreaterThan(many / 500);
  });

  it('does without what is too large, and hears what follows', async () => {
    const mosquitto = await startMosquitto();
    const { broker } = await openOutside(mosquitto.url);
    const heard = listenTo(broker, 'tele/plug1/STATE');
    await up(broker);
    const plug = await clientOf(mosquitto, 'plug1');
    await plug.say('tele/plug1/STATE', Buffer.alloc(EXTERNAL_LIMITS.packetBytes + 1), true);
    await plug.say('tele/plug1/STATE', 'small');
    await vi.waitFor(() => expect(heard.map(textOf)).toEqual(['small']));
  });

  it('survives a listener that throws', async () => {
    const mosquitto = await startMosquitto();
    const { broker, troubles } = await openOutside(mosquitto.url);
    broker.subscribe('tele/plug1/STATE', () => {
      throw new Error('not so');
    });
    const heard = listenTo(broker, 'tele/plug1/STATE');
    await up(broker);
    await (await clientOf(mosquitto, 'plug1')).say('tele/plug1/STATE', 'x');
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(troubles).toHaveLength(1);
  });
});

describe('the access list of the README', () => {
  it('keeps strangers off', async () => {
    const mosquitto = await startMosquitto();
    const { broker } = await openOutside(mosquitto.url);
    const asked = requestsOn(broker);
    const heard = listenTo(broker, '#');
    await up(broker);
    const [ha, plug, stranger] = await Promise.all([
      clientOf(mosquitto, 'home-assistant'),
      clientOf(mosquitto, 'plug1'),
      clientOf(mosquitto, 'stranger'),
    ]);
    for (const client of [plug, stranger]) await client.say('voltsafe/home/appliance/lamp/set', 'ON');
    for (const client of [ha, plug, stranger]) {
      await client.say('voltsafe/home/appliance/lamp/state', '{"is_on":true}', true);
      await client.say('cmnd/plug1/POWER', 'ON');
    }
    await stranger.say('tele/plug1/STATE', '{"POWER":"ON"}');
    await ha.say('voltsafe/home/appliance/lamp/set', 'OFF');
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    expect(asked.map(textOf)).toEqual(['OFF']);
    expect(heard.filter(({ topic }) => !topic.endsWith('/set'))).toEqual([]);
  });
});

function reasonOf({ state }: { readonly state: { readonly isUp: boolean; readonly reason?: string } }): string {
  return state.reason ?? 'up';
}

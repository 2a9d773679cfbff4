import { describe, expect, it, onTestFinished } from 'vitest';
import { HomeAssistant } from '../../daemon/broker/home-assistant/home-assistant.ts';
import type { HomePort } from '../../daemon/broker/home-assistant/port.ts';
import { HubTopics } from '../../daemon/broker/topics/hub-topics.ts';
import type { ApplianceSettings } from '../../daemon/core/model.ts';
import type { HubPort } from '../../daemon/http/port.ts';
import { realClock } from '../drivers/real-clock.ts';
import { openHouse } from '../http/rig.ts';
import { FakeHomeAssistant } from './fake-home-assistant.ts';
import { HUB_FACTS } from './home-assistant-facts.ts';
import type { BrokerRig } from './suite.ts';

/** A broker, and who else is on it. */
export type Place = Pick<BrokerRig, 'broker' | 'client'>;

const WHO = { principal: 'test', name: 'test', role: 'admin', source: 'http' } as const;
const HEATER: ApplianceSettings = {
  ...{ id: 'heater', name: 'Heater', room: 'Bath', icon: null, ratedMw: 3_000_000, circuit: 'house', priority: 50 },
  ...{ isProtected: false, relay: null, onPowerLoss: 'stay_off' },
};
const OVEN: ApplianceSettings = { ...HEATER, id: 'oven', name: 'Oven', room: 'Kitchen' };
/** Its board has no port in this house: nobody knows what it is. */
const LAMP: ApplianceSettings = {
  ...HEATER,
  id: 'lamp',
  name: 'Lamp',
  ratedMw: 1000,
  relay: { bus: 'main', channel: 1 },
};

/** A hub on a broker, and somebody like Home Assistant there; run on both kinds of brokers. */
export function homeAssistantSuite(name: string, open: () => Promise<Place>): void {
  describe(`Home Assistant on ${name}`, () => {
    it('finds the hub and its appliances by itself, available and with their states', async () => {
      const { assistant } = await live(open);
      await assistant.until(() => assistant.uniqueIds.includes('voltsafe_home_lamp_fault'));
      await assistant.until(() => assistant.shown('voltsafe_home_heater_switch').isAvailable);
      expect(assistant.shown('voltsafe_home_heater_switch')).toMatchObject({ state: 'OFF', isAvailable: true });
      expect(assistant.shown('voltsafe_home_status')).toMatchObject({ state: 'safe', isAvailable: true });
      expect(assistant.shown('voltsafe_home_circuit_kitchen_headroom').state).toBe('3600');
      expect(assistant.problems).toEqual([]);
    });

    it('switches what fits; what does not snaps back at once, and says why', async () => {
      const { assistant, clock } = await live(open);
      const [heater, oven] = ['voltsafe_home_heater_switch', 'voltsafe_home_oven_switch'] as const;
      await assistant.until(() => assistant.uniqueIds.includes(oven) && assistant.shown(heater).isAvailable);
      await assistant.turn(heater, true);
      await assistant.until(() => assistant.shown(heater).state === 'ON');
      await assistant.until(() => assistant.shown(oven).isAvailable);
      for (let time = 0; time < 3; time += 1) {
        await clock.advance(1);
        const before = JSON.stringify(assistant.shown(oven));
        const snapped = assistant.msUntil(() => JSON.stringify(assistant.shown(oven)) !== before);
        await assistant.turn(oven, true);
        console.log(`on ${name} a refused switch snaps back within ${(await snapped).toFixed(1)} ms`);
        expect(assistant.shown(oven)).toMatchObject({ state: 'OFF' });
      }
      expect(assistant.shown(oven).attributes.refusal).toMatchObject({ code: 'capacity_exceeded' });
      expect(assistant.shown('voltsafe_home_oven_refusal').state).toContain('3000 W');
      // With the lamp's 1 W: nobody knows that it is off.
      expect(assistant.shown('voltsafe_home_reserved').state).toBe('3001');
    });

    it('does not show as on or off what nobody knows, and says what is wrong with it', async () => {
      const { assistant } = await live(open);
      await assistant.until(() => assistant.uniqueIds.includes('voltsafe_home_lamp_fault'));
      await assistant.until(() => assistant.shown('voltsafe_home_lamp_fault').state === 'ON');
      expect(assistant.shown('voltsafe_home_lamp_switch').isAvailable).toBe(false);
      expect(assistant.shown('voltsafe_home_lamp_fault')).toMatchObject({
        ...{ isAvailable: true, attributes: { fault: 'unreachable' } },
      });
    });

    it('has a device again that somebody deleted there, when it starts anew', async () => {
      const { assistant } = await live(open);
      await assistant.until(() => assistant.uniqueIds.includes('voltsafe_home_oven_power'));
      await assistant.forget('voltsafe_home_oven_power');
      await assistant.wake();
      await assistant.until(() => assistant.uniqueIds.includes('voltsafe_home_oven_power'));
      await assistant.until(() => assistant.shown('voltsafe_home_oven_power').isAvailable);
    });

    it('loses an appliance that is deleted, and everything while the hub is away', async () => {
      const { assistant, hub, leave } = await live(open);
      await assistant.until(() => assistant.uniqueIds.includes('voltsafe_home_oven_power'));
      await hub.ask({ kind: 'remove_appliance', appliance: 'oven', who: WHO });
      await assistant.until(() => !assistant.uniqueIds.some((id) => id.includes('oven')));
      await assistant.until(() => assistant.shown('voltsafe_home_heater_power').isAvailable);
      await leave();
      await assistant.until(() => !assistant.shown('voltsafe_home_heater_power').isAvailable);
    });
  });
}

async function live(open: () => Promise<Place>) {
  const { broker, client } = await open();
  const { hub, clock } = await openHouse();
  for (const settings of [HEATER, OVEN, LAMP]) await hub.ask({ kind: 'add_appliance', settings, who: WHO });
  const parts = { broker, clock: realClock, onTrouble: (what: string) => console.warn(what) };
  const topics = new HubTopics({ ...parts, port: { ...hub, energyWh: () => null }, hubId: 'home' });
  const settings = { prefix: 'homeassistant', enabled: true };
  const home = homeOf(hub, () => topics.republish());
  const announcer = new HomeAssistant({ ...parts, home, settings, random: () => 0 });
  const leave = async () => {
    announcer.close();
    await topics.close();
  };
  onTestFinished(leave);
  const assistant = await FakeHomeAssistant.start(await client('home-assistant'));
  return { assistant, hub, clock, leave };
}

function homeOf(hub: HubPort, republish: () => void): HomePort {
  return {
    hub: () => ({ ...HUB_FACTS, isMetered: false, circuits: hub.load().circuits.map(({ id }) => id) }),
    applianceIds: () => hub.appliances().map(({ id }) => id),
    appliance: (id) => {
      const view = hub.appliance(id);
      return view === null ? null : { ...view, hasCounter: false, isSimulated: view.simulated };
    },
    onChange: (listener) => hub.subscribe(({ event }) => 'appliance' in event && listener(event.appliance)),
    republish,
  };
}

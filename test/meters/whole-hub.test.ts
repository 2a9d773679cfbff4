import { describe, expect, it } from 'vitest';
import { sdmTwin } from '../../relay-drivers/eastron-sdm/twin.ts';
import { reading } from './fake-meter.ts';
import { WholeHub } from './whole-hub.ts';

describe('a board whose firmware says nothing (lcus)', () => {
  async function home(setting: 'hold' | 'release') {
    const yaml = `buses: [{ id: main, driver: lcus, path: /dev/usb, channels: 4, off_without_proof: ${setting} }]`;
    const boards = [{ channels: 4, flavour: 'lcus-silent' as const }];
    const hub = await new WholeHub(yaml, { baud: 9600, echo: false, boards }).start();
    await hub.clock.advance(10_000);
    await hub.add('lamp', 1000, 2);
    return hub;
  }

  it.each([
    ['hold', 1000],
    ['release', 0],
  ] as const)('%s: obeys, is never verified, and counts %d W when it is off', async (setting, reserved_w) => {
    const hub = await home(setting);
    expect(hub.appliance('lamp')).toMatchObject({ relay_state: 'off', verified: false, reserved_w });
    await hub.toggle('lamp', 'on');
    await hub.clock.until(() => hub.closed.length > 0);
    expect(hub.closed).toEqual([2]);
    expect(hub.appliance('lamp')).toMatchObject({ relay_state: 'on', verified: false, reserved_w: 1000 });
    await hub.clock.advance(60_000);
    expect(hub.closed).toEqual([2]);
    await hub.toggle('lamp', 'off');
    expect(hub.closed).toEqual([]);
    expect(hub.appliance('lamp')).toMatchObject({ relay_state: 'off', verified: false, reserved_w });
    expect(hub.view.health().buses).toMatchObject([{ up: true }]);
    expect(hub.troubles).toEqual([]);
  });

  it('a relay that a hand closed is switched off again before long, and after a new plug', async () => {
    const hub = await home('hold');
    hub.board.pressButton(2);
    expect(hub.closed).toEqual([2]);
    await hub.clock.until(() => hub.closed.length === 0);
    hub.port.unplug();
    await hub.clock.until(() => hub.appliance('lamp').relay_state === 'unknown');
    hub.board.pressButton(2);
    hub.port.plugIn();
    await hub.clock.until(() => hub.closed.length === 0);
    await hub.clock.until(() => hub.appliance('lamp').relay_state === 'off');
  });
});

describe('a meter of the house on the line of the board', () => {
  const YAML = `
buses: [{ id: main, driver: modbus-coils, path: /dev/line, channels: 8, baud: 9600 }]
meters: [{ id: mains, driver: eastron-sdm, bus: main, unit: 2, model: sdm120, measures: house }]`;

  /** 300 W that nobody switches, and 2000 W for each contact that is closed. */
  async function home(yaml = YAML) {
    const boards = [{ channels: 8, flavour: 'waveshare' as const }];
    const meters = [{ protocol: sdmTwin('sdm120'), unit: 2 }];
    const hub = new WholeHub(yaml, { baud: 9600, echo: false, boards, meters });
    hub.bus.meters[0]?.follow(() => reading(300 + 2000 * hub.closed.length));
    await hub.start();
    await hub.add('oven', 2000, 1);
    await hub.add('boiler', 2000, 2);
    await hub.clock.advance(10_000);
    return hub;
  }

  const backgrounds = (hub: WholeHub) =>
    hub.events.flatMap((event) => (event.kind === 'background_measured' ? event.powerMw / 1000 : []));

  it('counts what nobody switches, once, whatever is switched', async () => {
    const hub = await home();
    for (let i = 0; i < 20; i++) {
      await hub.toggle('oven', 'on');
      await hub.clock.advance(1370);
      await hub.toggle('boiler', 'on');
      await hub.toggle('oven', 'off');
      await hub.clock.advance(2710);
      await hub.toggle('boiler', 'off');
      await hub.clock.advance(330);
    }
    await hub.clock.advance(10_000);
    expect(backgrounds(hub)).toEqual([300]);
    expect(hub.events.filter((event) => event.kind === 'ordered' && event.cause !== 'request')).toEqual([]);
    expect(hub.view.load()).toMatchObject({ measured_w: 300, reserved_w: 300 });
  });

  it('sheds when more is drawn than there may be', async () => {
    const hub = await home();
    await hub.toggle('oven', 'on');
    await hub.toggle('boiler', 'on');
    await hub.clock.advance(10_000);
    expect(hub.closed).toEqual([1, 2]);
    hub.bus.meters[0]?.follow(() => reading(1500 + 2000 * hub.closed.length));
    await hub.clock.until(() => hub.view.load().reserved_w === 3500);
    expect(hub.closed).toHaveLength(1);
    expect(backgrounds(hub)).toEqual([300, 1500]);
  });

  it('that loses its power is stale, and says so', async () => {
    const hub = await home();
    hub.bus.meters[0]?.setFaults({ mute: true });
    await hub.clock.advance(30_000);
    expect(hub.view.meters()).toMatchObject([{ id: 'mains', power_w: 300, stale: true }]);
    expect(hub.view.meters()[0]?.fault).toContain('nothing comes back from unit 2 at 9600 baud');
    expect(hub.view.load()).toMatchObject({ measured_w: null, reserved_w: 300 });
    hub.bus.meters[0]?.setFaults({ mute: false });
    await hub.clock.advance(30_000);
    expect(hub.view.meters()).toMatchObject([{ power_w: 300, stale: false, fault: null }]);
  });

  it('is read less often where the line cannot carry it, and the hub says so', async () => {
    const [bus = '', meter = ''] = YAML.trim().split('\n');
    const hub = new WholeHub(`${bus}\n${meter.replace('measures', 'poll_s: 0.1, measures')}`, {
      baud: 9600,
      echo: false,
      boards: [],
    });
    expect(hub.warnings).toEqual([expect.stringContaining('meter mains is read every')]);
  });
});

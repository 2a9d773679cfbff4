import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type BusDeps, busProblems, createBuses, linesOf } from '../../relay-drivers/buses.ts';
import { createModbusCoils } from '../../relay-drivers/modbus-coils/driver.ts';
import { modbusCoilsSettings } from '../../relay-drivers/modbus-coils/settings.ts';
import { busSettings, DriverRegistry, driverKind, RELAY_DRIVERS } from '../../relay-drivers/registry.ts';
import type { PortSettings } from '../../relay-drivers/transport/address.ts';
import { settings } from './rig.ts';
import { VirtualClock } from './virtual-clock.ts';

const minimal = { id: 'main', driver: 'modbus-coils', path: '/dev/ttyUSB0', channels: 8 };

describe('bus settings', () => {
  it('have the factory defaults of the boards', () => {
    expect(busSettings.parse(minimal)).toEqual({ ...minimal, baud: 9600, parity: 'none', unit: 1 });
  });

  it.each([
    { unit: 255 },
    { unit: 247 },
    { channels: 32, inputs: { 32: { appliance: 'lamp', mode: 'follow' } } },
    { channels: 4, inputs: { 8: { appliance: 'lamp', mode: 'toggle' } } },
    { path: 'tcp://192.168.1.7:4196' },
    { path: 'tcp://[fe80::1]:4196' },
    { quirks: { fc0f: 'none' }, timeout_ms: 500, parity: 'even', baud: 115_200 },
  ])('%j is accepted', (more) => {
    expect(busSettings.safeParse({ ...minimal, ...more }).error).toBeUndefined();
  });

  it.each([
    ['unit', { unit: 0 }],
    ['unit', { unit: 248 }],
    ['unit', { unit: 256 }],
    ['baud', { baud: 9601 }],
    ['baud', { baud: '9600' }],
    ['parity', { parity: 'mark' }],
    ['channels', { channels: 0 }],
    ['channels', { channels: 33 }],
    ['channels', { channels: 1.5 }],
    ['path', { path: 'ttyUSB0' }],
    ['path', { path: 'tcp://host' }],
    ['path', { path: 'tcp://host:70000' }],
    ['path', { path: 'tcp://host:1/x' }],
    ['inputs', { inputs: { 9: { appliance: 'lamp', mode: 'toggle' } } }],
    ['inputs', { inputs: { 0: { appliance: 'lamp', mode: 'toggle' } } }],
    ['inputs', { inputs: { 1: { appliance: 'lamp', mode: 'dim' } } }],
    ['quirks', { quirks: { fc0f: 'half' } }],
    ['', { chanels: 8 }],
    ['driver', { driver: 'modbus' }],
  ])('%s: %j is refused there', (where, more) => {
    const problem = busSettings.safeParse({ ...minimal, ...more });
    expect(problem.error?.issues[0]?.path[0] ?? '').toBe(where);
    expect(problem.success).toBe(false);
  });
});

describe('the registry', () => {
  it('knows every family that has a schema', () => {
    expect(RELAY_DRIVERS.names).toEqual(
      busSettings.options.map((schema) => z.string().parse(schema.shape.driver.value)),
    );
  });

  it('fails at start on two families of one name', () => {
    const kind = driverKind('modbus-coils', modbusCoilsSettings, createModbusCoils);
    expect(() => new DriverRegistry([kind, kind])).toThrow('two relay drivers are named modbus-coils');
  });

  it('names what there is when asked for what there is not', () => {
    expect(() => RELAY_DRIVERS.get('knx')).toThrow('there are: modbus-coils');
  });
});

describe('buses', () => {
  function deps(opened: PortSettings[]): BusDeps {
    const openPort = (port: PortSettings) => {
      opened.push(port);
      return () => Promise.reject(new Error('not opened in this test'));
    };
    return { clock: new VirtualClock(), openPort };
  }

  it('on one path share a line, others have their own', () => {
    const opened: PortSettings[] = [];
    const buses = createBuses(
      [
        settings({ id: 'a', path: '/dev/x' }),
        settings({ id: 'b', path: '/dev/x', unit: 2 }),
        settings({ id: 'c', path: '/dev/y' }),
      ],
      deps(opened),
    );
    expect([...buses.keys()]).toEqual(['a', 'b', 'c']);
    expect(buses.get('a')?.line).toBe(buses.get('b')?.line);
    expect(linesOf(buses.values())).toHaveLength(2);
    expect(opened).toEqual([
      { path: '/dev/x', baud: 9600, parity: 'none' },
      { path: '/dev/y', baud: 9600, parity: 'none' },
    ]);
  });

  it.each([
    [
      'baud',
      { baud: 19_200, unit: 2 },
      'b and a share /dev/fake, so their baud must be the same: 19200 here, 9600 there',
    ],
    [
      'parity',
      { parity: 'even', unit: 2 },
      'b and a share /dev/fake, so their parity must be the same: even here, none there',
    ],
    ['unit', {}, 'b and a are both unit 1 on /dev/fake: one board, one entry'],
    ['id', { id: 'a', path: '/dev/other' }, 'two buses are named a: give each its own id'],
  ])('that clash in %s are refused in plain words', (field, more, message) => {
    const list = [settings({ id: 'a' }), settings({ id: 'b', ...more })];
    expect(busProblems(list)).toEqual([{ path: [1, field], message }]);
    expect(() => createBuses(list, deps([]))).toThrow(message);
  });
});

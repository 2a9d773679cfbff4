import { describe, expect, it } from 'vitest';
import type { RelayDriver } from '../../relay-drivers/driver.ts';
import { createModbusCoils } from '../../relay-drivers/modbus-coils/driver.ts';
import { createModbusFc06 } from '../../relay-drivers/modbus-fc06/driver.ts';
import { modbusFc06Settings } from '../../relay-drivers/modbus-fc06/settings.ts';
import type { Board } from '../../relay-drivers/simulator/board.ts';
import { closed } from '../simulator/desk.ts';
import { type MeterRig, meterRig } from './meter-rig.ts';
import { settings, terms } from './rig.ts';

interface Street extends MeterRig {
  readonly drivers: readonly [RelayDriver, RelayDriver, RelayDriver];
  readonly boards: readonly [Board, Board, Board];
}

/** Three boards of three makes on one line at 9600 baud; the second one is dead. */
async function street(): Promise<Street> {
  const made = await meterRig({
    boards: [
      { channels: 32, unit: 1 },
      { channels: 8, unit: 2, flavour: 'lctech' },
      { channels: 8, unit: 3, flavour: 'r421a08' },
    ],
    meters: [],
  });
  const [first, dead, third] = made.bus.boards;
  if (!first || !dead || !third) throw new Error('a board is missing');
  dead.setFaults({ mute: true });
  const commands = modbusFc06Settings.parse({ id: 'c', driver: 'modbus-fc06', path: '/dev/x', channels: 8, unit: 3 });
  return {
    ...made,
    boards: [first, dead, third],
    drivers: [
      createModbusCoils(settings({ unit: 1, channels: 32 }), made.line),
      createModbusCoils(settings({ unit: 2 }), made.line),
      createModbusFc06(commands, made.line),
    ],
  };
}

/** What became of each, in the order in which they were over. */
async function outcomes({ clock }: Street, calls: Readonly<Record<string, Promise<unknown>>>): Promise<string[]> {
  const over: string[] = [];
  const ends = Object.entries(calls).map(([name, call]) =>
    call.then(
      () => void over.push(`${name} ok`),
      ({ code }: { code: string }) => void over.push(`${name} ${code}`),
    ),
  );
  await clock.settled(Promise.all(ends));
  return over;
}

const unitsOf = ({ sent }: Street): string[] => sent.map(({ frame }) => frame.slice(0, 5));

describe('three boards on one line, one of them dead', () => {
  it('the others are read and switched as if it were not there', async () => {
    const at = await street();
    const [first, dead, third] = at.drivers;
    const over = await outcomes(at, {
      'read 1': first.readCoils(terms('read')),
      'read 2': dead.readCoils(terms('read')),
      'read 3': third.readCoils(terms('read')),
      'on 1': first.setCoil(32, true, terms('on')),
      'on 3': third.setCoil(8, true, terms('on')),
    });
    expect(over).toEqual(['on 1 ok', 'on 3 ok', 'read 1 ok', 'read 2 timeout', 'read 3 ok']);
    expect(at.boards.map(closed)).toEqual([[32], [], [8]]);
  });

  it('an OFF for a living one waits for the exchange under way and for nothing else of the dead one', async () => {
    const at = await street();
    const [first, dead] = at.drivers;
    await at.clock.settled(first.setCoil(1, true, terms('on')));
    at.sent.length = 0;
    const reads = [1, 2, 3].map(() => dead.readCoils(terms('read')));
    await at.clock.advance(20);
    const over = await outcomes(at, {
      'off 1': first.setCoil(1, false, terms('off')),
      ...Object.fromEntries(reads.map((reading, index) => [`read ${index}`, reading])),
    });
    expect(over).toEqual(['read 0 timeout', 'off 1 ok', 'read 1 timeout', 'read 2 timeout']);
    expect(unitsOf(at)).toEqual(['02 01', '01 05', '02 01', '02 01']);
  });

  it('an ON for the dead one fails, and its OFF is sent all the same', async () => {
    const at = await street();
    const [, dead] = at.drivers;
    const over = await outcomes(at, {
      on: dead.setCoil(1, true, terms('on')),
      off: dead.setCoil(1, false, terms('off')),
    });
    expect(over).toEqual(['off timeout', 'on timeout']);
    expect(unitsOf(at)).toContain('02 05');
  });

  it('a late word of one is never taken for the word of another', async () => {
    const at = await street();
    const [first, dead, third] = at.drivers;
    const [, dying] = at.boards;
    await at.clock.settled(third.setCoil(1, true, terms('on')));
    dying.setFaults({ mute: false, delay_ms: 400 });
    const over = await outcomes(at, {
      'read 2': dead.readCoils(terms('read')),
      'read 1': first.readCoils(terms('read')),
      'read 3': third.readCoils(terms('read')).then((relays) => expect(relays[0]).toBe(true)),
    });
    expect(over).toEqual(['read 2 timeout', 'read 1 ok', 'read 3 ok']);
  });

  it('everything off: one exchange a board, 32 relays included', async () => {
    const at = await street();
    const [first, , third] = at.drivers;
    for (const channel of [1, 17, 32]) await at.clock.settled(first.setCoil(channel, true, terms('on')));
    await at.clock.settled(third.setCoil(3, true, terms('on')));
    at.sent.length = 0;
    await outcomes(at, {
      1: first.allOff?.(terms('off')) ?? Promise.reject(new Error('no allOff')),
      3: third.allOff?.(terms('off')) ?? Promise.reject(new Error('no allOff')),
    });
    expect(at.sent.map(({ frame }) => frame)).toEqual([
      '01 0F 00 00 00 20 04 00 00 00 00 C4 88',
      '03 06 00 00 08 00 8F E8',
    ]);
    expect(at.boards.map(closed)).toEqual([[], [], []]);
  });
});

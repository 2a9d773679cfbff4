import { describe, expect, it } from 'vitest';
import { encodeBitsReply, encodeException, encodeRequest } from '../../relay-drivers/modbus-coils/codec.ts';
import { text } from '../drivers/captured.ts';
import { closed, desk } from './desk.ts';
import * as F from './frames.ts';

const frame = (request: Parameters<typeof encodeRequest>[0]) => text(encodeRequest(request));
const writeCoil = (address: number, value: number, unit = 1) => frame({ kind: 'write_coil', unit, address, value });
const exception = (functionCode: number, code: number, unit = 1) => text(encodeException(unit, functionCode, code));

describe('a Waveshare board', () => {
  it.each([
    ['one on', [F.ON_1], F.ON_1, [1]],
    ['one off', [F.ON_1, F.OFF_1], F.OFF_1, []],
    ['toggle twice', [F.TOGGLE_1, F.ON_6, F.TOGGLE_1], F.TOGGLE_1, [6]],
    ['all on', [F.ON_ALL], F.ON_ALL, [1, 2, 3, 4, 5, 6, 7, 8]],
    ['all off', [F.ON_ALL, F.OFF_ALL], F.OFF_ALL, []],
    ['all toggled', [F.ON_6, F.TOGGLE_ALL], F.TOGGLE_ALL, [1, 2, 3, 4, 5, 7, 8]],
    ['eight coils', [F.WRITE_8_ON], F.WROTE_8, [1, 2, 3, 4, 5, 6, 7, 8]],
    ['read one coil', [F.ON_6, '01 01 00 05 00 01 ED CB'], '01 01 01 01 90 48', [6]],
  ])('%s', async (_name, requests, lastReply, contacts) => {
    const { ask, board } = await desk();
    const replies = [];
    for (const request of requests) replies.push(await ask(request));
    expect(replies.at(-1)).toBe(lastReply);
    expect(closed(board)).toEqual(contacts);
  });

  it.each([
    ['a channel it has not', writeCoil(8, 0xff00), exception(5, 2)],
    ['a value it does not know', writeCoil(0, 0x1234), exception(5, 3)],
    ['a value for all that it does not know', writeCoil(0xff, 1), exception(5, 3)],
    ['a read past the end', frame({ kind: 'read_coils', unit: 1, address: 1, quantity: 8 }), exception(1, 2)],
    [
      'a pulse of a channel it has not',
      frame({ kind: 'pulse', unit: 1, coil: 8, isOn: true, tenths: 1 }),
      exception(5, 2),
    ],
    ['a function it has not', '01 06 10 00 00 01 4C CA', exception(6, 1)],
  ])('refuses %s', async (_name, request, reply) => {
    const { ask, board } = await desk();
    expect(await ask(request)).toBe(reply);
    expect(board.log()).toEqual([]);
  });

  it('reads its register and its inputs', async () => {
    const { ask, board } = await desk();
    await ask(F.ON_6);
    board.setInput(1, true);
    expect(await ask(F.READ_COILS)).toBe(
      text(encodeBitsReply('read_coils', 1, [false, false, false, false, false, true, false, false])),
    );
    expect(await ask(F.READ_INPUTS)).toBe('01 02 01 01 60 48');
    board.setInput(1, false);
    expect(await ask(F.READ_INPUTS)).toBe('01 02 01 00 A1 88');
  });

  it('answers for whole bytes: 4 relays read as 8, and what is above them is off', async () => {
    const { ask, board } = await desk({ board: { channels: 4 } });
    expect(await ask(F.WRITE_8_ON)).toBe(F.WROTE_8);
    expect(closed(board)).toEqual([1, 2, 3, 4]);
    expect(await ask(F.READ_COILS)).toBe('01 01 01 0F 11 8C');
  });

  it('has up to 32 channels', async () => {
    const { ask, board } = await desk({ board: { channels: 32 } });
    await ask('01 0F 00 00 00 20 04 FF FF FF FF C5 1C');
    expect(closed(board)).toHaveLength(32);
    await ask(OFF_ALL_BUT_25);
    expect(await ask('01 01 00 00 00 20 3D D2')).toBe('01 01 04 00 00 00 01 3A 11');
  });

  it('says nothing to another unit or to a broken CRC, and does nothing', async () => {
    const { ask, board } = await desk();
    expect(await ask(writeCoil(0, 0xff00, 2))).toBe('');
    expect(await ask('01 05 00 00 FF 00 8C 3B')).toBe('');
    expect(closed(board)).toEqual([]);
  });

  it('obeys a broadcast and does not answer it', async () => {
    const { ask, board } = await desk();
    expect(await ask(writeCoil(0, 0xff00, 0))).toBe('');
    expect(closed(board)).toEqual([1]);
  });

  it('ends a pulse by itself, unless another write did', async () => {
    const { ask, board, clock } = await desk();
    expect(await ask('01 05 02 00 00 07 8D B0', 100)).toBe('01 05 02 00 00 07 8D B0');
    expect(closed(board)).toEqual([1]);
    await clock.advance(700);
    expect(closed(board)).toEqual([]);
    await ask('01 05 02 00 00 07 8D B0', 100);
    await ask(F.ON_1, 100);
    await clock.advance(1000);
    expect(closed(board)).toEqual([1]);
    expect(board.log().map(({ what, cause }) => `${what} ${cause}`)).toEqual([
      'register write',
      'contact write',
      'register pulse_end',
      'contact pulse_end',
      'register write',
      'contact write',
    ]);
  });

  it('does what it is asked in the order in which it was asked', async () => {
    const { ask, board } = await desk();
    for (const request of [F.ON_1, F.OFF_1, F.ON_6, F.ON_1]) await ask(request);
    const moves = board.log().filter(({ what }) => what === 'contact');
    expect(moves.map(({ channel, on }) => [channel, on])).toEqual([
      [1, true],
      [1, false],
      [6, true],
      [1, true],
    ]);
    expect(moves.map(({ at_ms }) => at_ms)).toEqual([...moves.map(({ at_ms }) => at_ms)].sort((a, b) => a - b));
  });

  it('says since when each contact stands as it does', async () => {
    const { ask, board, clock } = await desk();
    await clock.advance(1000);
    await ask(F.ON_1);
    const closing = board.log().find(({ what }) => what === 'contact');
    expect(board.coils()[0]).toEqual({ channel: 1, closed: true, since_ms: closing?.at_ms });
    expect(board.coils()[1]).toEqual({ channel: 2, closed: false, since_ms: 0 });
  });

  it('tells listeners of each transition until they stop listening', async () => {
    const { ask, board } = await desk();
    const seen: string[] = [];
    const stop = board.onTransition(({ channel, what, on }) => seen.push(`${what} ${channel} ${on}`));
    await ask(F.ON_1);
    stop();
    await ask(F.OFF_1);
    expect(seen).toEqual(['register 1 true', 'contact 1 true']);
  });

  it('has a button that nobody granted', async () => {
    const { ask, board } = await desk();
    board.pressButton(3);
    expect(await ask(F.READ_COILS)).toBe('01 01 01 04 50 4B');
    board.pressButton(3);
    expect(closed(board)).toEqual([]);
    expect(board.log().every(({ cause }) => cause === 'button')).toBe(true);
  });
});

const OFF_ALL_BUT_25 = frame({
  kind: 'write_coils',
  unit: 1,
  address: 0,
  bits: Array.from({ length: 32 }, (_, index) => index === 24),
});

describe('an LCTech board', () => {
  const lctech = () => desk({ board: { flavour: 'lctech' } });

  it('has its factory address and the frames of its manual', async () => {
    const { ask, board } = await lctech();
    expect(await ask(F.LC_ON_1)).toBe(F.LC_ON_1);
    expect(await ask(F.LC_READ_COILS)).toBe('FF 01 01 01 A1 A0');
    board.setInput(3, true);
    expect(await ask(F.LC_READ_INPUTS)).toBe('FF 02 01 04 91 A3');
    expect(await ask(F.LC_ALL_ON)).toBe(F.LC_WROTE_8);
    expect(closed(board)).toHaveLength(8);
    await ask(F.LC_ALL_OFF);
    expect(closed(board)).toEqual([]);
  });

  it.each([
    ['reads of less than all', frame({ kind: 'read_coils', unit: 255, address: 0, quantity: 1 }), ''],
    ['reads that start elsewhere', frame({ kind: 'read_inputs', unit: 255, address: 4, quantity: 8 }), ''],
    ['FC0F for less than all', frame({ kind: 'write_coils', unit: 255, address: 0, bits: [true] }), ''],
    ['toggling', writeCoil(0, 0x5500, 255), exception(5, 3, 255)],
    ['one address for all', writeCoil(0xff, 0xff00, 255), exception(5, 2, 255)],
    ['pulses by FC05', frame({ kind: 'pulse', unit: 255, coil: 0, isOn: true, tenths: 5 }), exception(5, 2, 255)],
  ])('does not know %s', async (_name, request, reply) => {
    const { ask, board } = await lctech();
    expect(await ask(request)).toBe(reply);
    expect(board.log()).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import {
  decodeFrame,
  encodeFrame,
  encodeStatusText,
  findState,
  findStatusText,
  LCUS,
} from '../../relay-drivers/lcus/codec.ts';
import { hex, text, words } from './captured.ts';

describe('frames of LCUS boards', () => {
  it.each([
    [1, LCUS.onSilently, 'A0 01 01 A2'],
    [1, LCUS.offSilently, 'A0 01 00 A1'],
    [2, LCUS.onSilently, 'A0 02 01 A3'],
    [4, LCUS.onSilently, 'A0 04 01 A5'],
    [8, LCUS.offSilently, 'A0 08 00 A8'],
    [1, LCUS.query, 'A0 01 05 A6'],
    [1, LCUS.on, 'A0 01 03 A4'],
    [1, LCUS.off, 'A0 01 02 A3'],
  ])('channel %i, command %i: %s', (channel, command, frame) => {
    expect(text(encodeFrame({ channel, command }))).toBe(frame);
    expect(decodeFrame(hex(frame))).toEqual({ channel, command });
  });

  it.each(['A0 01 01 A3', 'A1 01 01 A3', 'A0 01 01', 'A0'])('%s is none', (frame) => {
    expect(decodeFrame(hex(frame))).toBeNull();
    expect(findState(1, hex(frame))).toBeNull();
  });

  it('a state is found behind noise, of the channel that was asked and no other', () => {
    expect(findState(1, hex('00 A0 02 01 A3 A0 01 00 A1'))).toEqual({ reply: false, start: 5, end: 9 });
    expect(findState(3, hex('A0 02 01 A3'))).toBeNull();
  });

  it('a command is no state: an adapter that echoes answers nothing', () => {
    expect(findState(1, hex('A0 01 03 A4 A0 01 05 A6'))).toBeNull();
  });
});

describe('the words of the status firmware', () => {
  it('with and without the space', () => {
    const states = [true, false];
    expect(findStatusText(2, words('CH1: ON\r\nCH2: OFF\r\n'))).toEqual({ reply: states, start: 0, end: 19 });
    expect(findStatusText(2, words('CH1:ON\r\nCH2:OFF\r\n'))).toEqual({ reply: states, start: 0, end: 17 });
    expect(findStatusText(2, encodeStatusText(states))?.reply).toEqual(states);
  });

  it.each([
    'CH1: ON\r\n',
    'CH1: ON\r\nCH2: OF',
    'CH1: ON\r\nCH2: OFF',
    'CH2: OFF\r\nCH1: ON\r\n',
    'CH1: ON\r\nCH3: OFF\r\n',
    'CH1: ON\r\nCH2: OM\r\n',
    'CH1: ON\r\nxCH2: OFF\r\n',
  ])('%j is no answer of two relays', (answer) => {
    expect(findStatusText(2, words(answer))).toBeNull();
  });
});

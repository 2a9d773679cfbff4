import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { received } from '../../relay-drivers/simulator/garble.ts';
import type { LineFormat } from '../../relay-drivers/simulator/timing.ts';
import { closed, desk } from './desk.ts';
import * as F from './frames.ts';

const format = (baud: number, parity: LineFormat['parity'] = 'none'): LineFormat => ({ baud, parity });
const heard = (bytes: readonly number[], from: LineFormat, to: LineFormat) =>
  received(Uint8Array.from(bytes), from, to);

describe('what a receiver makes of bytes', () => {
  it('of its own format: the bytes', () => {
    const formats = fc.record({
      baud: fc.constantFrom(2400, 9600, 115_200),
      parity: fc.constantFrom('none', 'even', 'odd'),
    });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), formats, (bytes, own) => {
        expect(received(bytes, own, own)).toEqual([...bytes].map((byte) => ({ byte, isBad: false })));
      }),
    );
  });

  it.each([
    { name: 'twice as fast', to: format(19_200), bytes: [0x00], expected: [{ byte: 0x00, isBad: true }] },
    { name: 'half as fast', to: format(4800), bytes: [0x00], expected: [{ byte: 0xf8, isBad: false }] },
    { name: 'half as fast, and the start bit is over too soon', to: format(4800), bytes: [0xff], expected: [] },
    { name: 'the other parity', to: format(9600, 'even'), bytes: [0x01], expected: [{ byte: 0x01, isBad: false }] },
  ])('$name', ({ to, bytes, expected }) => {
    expect(heard(bytes, format(9600), to)).toEqual(expected);
  });

  it('with even parity where odd was sent, every character is wrong', () => {
    const all = heard([0x01, 0x03, 0xff], format(9600, 'odd'), format(9600, 'even'));
    expect(all.map(({ isBad }) => isBad)).toEqual([true, true, true]);
  });

  it('never more characters than could fit, for any two formats', () => {
    const bauds = fc.constantFrom(2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), bauds, bauds, (bytes, from, to) => {
        const most = Math.ceil((bytes.length * 10 * to) / from / 2) + 1;
        expect(received(bytes, format(from), format(to)).length).toBeLessThanOrEqual(most);
      }),
    );
  });
});

describe('a wire whose boards are set to something else', () => {
  it.each([format(19_200), format(4800), format(115_200), format(9600, 'even'), format(9600, 'odd')])(
    '$baud $parity: a board that understands nothing does nothing and says nothing',
    async (boardFormat) => {
      const { board, ask } = await desk({ boardFormat });
      expect(await ask(F.ON_1)).toBe('');
      expect(closed(board)).toEqual([]);
    },
  );

  it('a board drops a frame whose bytes are right and whose parity is not', async () => {
    const { board, ask } = await desk({ parity: 'odd', boardFormat: format(9600, 'even') });
    expect(await ask(F.ON_1)).toBe('');
    expect(closed(board)).toEqual([]);
  });

  it('a board that speaks unasked is heard as noise', async () => {
    const { board, clock, heard: all } = await desk({ boardFormat: format(19_200), board: { flavour: 'lctech' } });
    board.setFaults({ banner: true });
    await clock.advance(200);
    const noise = all();
    expect(noise).not.toBe('');
    expect(noise).not.toContain('54 68 61 6E 6B');
  });

  it('a host that is tuned to them is answered', async () => {
    const { bus, ask } = await desk({ boardFormat: format(19_200, 'even') });
    bus.wire.tuneHost(format(19_200, 'even'));
    expect(await ask(F.ON_1)).toBe(F.ON_1);
  });
});

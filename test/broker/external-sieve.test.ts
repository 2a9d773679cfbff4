import fc from 'fast-check';
import { generate } from 'mqtt-packet';
import { expect, it } from 'vitest';
import { EXTERNAL_LIMITS } from '../../daemon/broker/external-limits.ts';
import { PacketSieve } from '../../daemon/broker/external-sieve.ts';

const LIMIT = 300;

function packet(bytes: number, fill: string): Buffer {
  return generate({ cmd: 'publish', topic: 't', payload: fill.repeat(bytes), qos: 0, retain: false, dup: false });
}

/** Cut where it likes, as a socket does. */
function inPieces(stream: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (stream.length + 1)))].sort((a, b) => a - b);
  return [...places, stream.length].map((end, index) => stream.subarray(places[index - 1] ?? 0, end));
}

it('takes out what is too large, and nothing else, however the stream is cut', () => {
  const packets = fc.array(fc.record({ bytes: fc.integer({ min: 0, max: 600 }), fill: fc.constantFrom('a', '\xff') }));
  fc.assert(
    fc.property(packets, fc.array(fc.nat(20_000), { maxLength: 30 }), (wanted, cuts) => {
      const sent = wanted.map(({ bytes, fill }) => packet(bytes, fill));
      const fitting = sent.filter(({ length }) => length <= LIMIT);
      const dropped: number[] = [];
      const sieve = new PacketSieve(LIMIT, (bytes) => dropped.push(bytes));
      const kept = inPieces(Buffer.concat(sent), cuts).map((piece) => sieve.pass(piece));
      expect(Buffer.concat(kept)).toEqual(Buffer.concat(fitting));
      expect(dropped).toEqual(sent.filter(({ length }) => length > LIMIT).map(({ length }) => length));
    }),
    { numRuns: 300 },
  );
});

it('copies nothing where all fits', () => {
  const chunk = Buffer.concat([packet(10, 'x'), packet(20, 'y')]);
  const kept = new PacketSieve(EXTERNAL_LIMITS.packetBytes, () => undefined).pass(chunk);
  expect(kept.buffer).toBe(chunk.buffer);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CoilRequest, encodeBitsReply, encodeRequest } from '../../relay-drivers/modbus-coils/codec.ts';
import { findReply } from '../../relay-drivers/modbus-coils/replies.ts';
import { type HeardRequest, RequestStream } from '../../relay-drivers/modbus-coils/requests.ts';

const numRuns = Number(process.env.VOLTSAFE_FUZZ ?? 200);

const unit = fc.integer({ min: 0, max: 255 });
const address = fc.integer({ min: 0, max: 0xffff });
const noise = fc.uint8Array({ maxLength: 80 });

const request: fc.Arbitrary<CoilRequest> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('read_coils' as const, 'read_inputs' as const),
    unit,
    address,
    quantity: fc.integer({ min: 1, max: 2000 }),
  }),
  fc.record({
    kind: fc.constant('write_coil' as const),
    unit,
    address: fc.integer({ min: 0, max: 0x1ff }),
    value: fc.integer({ min: 0, max: 0xffff }),
  }),
  fc.record({
    kind: fc.constant('pulse' as const),
    unit,
    coil: fc.integer({ min: 0, max: 0x1ff }),
    isOn: fc.boolean(),
    tenths: fc.integer({ min: 1, max: 0x7fff }),
  }),
  fc.record({
    kind: fc.constant('write_coils' as const),
    unit,
    address,
    bits: fc.array(fc.boolean(), { minLength: 1, maxLength: 32 }),
  }),
);

/** Sixteen check bits are right by chance now and then: a frame made of garbage and of the first bytes of the real one. */
function isByChance(heard: HeardRequest | undefined, bytes: Uint8Array, garbageLength: number): boolean {
  const at = heard ? Buffer.from(bytes).indexOf(heard.frame) : -1;
  return at >= 0 && at < garbageLength && at + (heard?.frame.length ?? 0) > garbageLength;
}

/** Pushes `bytes` in pieces of the given sizes, again and again. */
function pushed(stream: RequestStream, bytes: Uint8Array, sizes: readonly number[]): HeardRequest[] {
  const heard: HeardRequest[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    heard.push(...stream.push(bytes.subarray(at, at + size)));
    at += size;
  }
  return heard;
}

describe('the codec under random input', () => {
  it('what is encoded is decoded, however the bytes are cut', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 5 }), sizes, (requests, cuts) => {
        const bytes = Uint8Array.from(requests.flatMap((each) => [...encodeRequest(each)]));
        expect(pushed(new RequestStream(), bytes, cuts).map((heard) => heard.request)).toEqual(requests);
      }),
      { numRuns },
    );
  });

  it('garbage ahead of a request does not hide it', () => {
    fc.assert(
      fc.property(noise, request, fc.integer({ min: 1, max: 40 }), (garbage, each, size) => {
        const bytes = Uint8Array.from([...garbage, ...encodeRequest(each)]);
        const last = pushed(new RequestStream(), bytes, [size]).at(-1);
        if (!isByChance(last, bytes, garbage.length)) expect(last?.request).toEqual(each);
      }),
      { numRuns },
    );
  });

  it('a reply is found in any surroundings', () => {
    const values = fc.array(fc.boolean(), { minLength: 8, maxLength: 32 });
    fc.assert(
      fc.property(noise, noise, fc.integer({ min: 1, max: 255 }), values, (before, after, boardUnit, coils) => {
        const reply = encodeBitsReply('read_coils', boardUnit, coils);
        const found = findReply(
          { kind: 'read_coils', unit: boardUnit, address: 0, quantity: coils.length },
          Uint8Array.from([...before, ...reply, ...after]),
        );
        expect(found).toEqual({
          reply: { kind: 'bits', bits: coils },
          start: before.length,
          end: before.length + reply.length,
        });
      }),
      { numRuns },
    );
  });

  it('a flipped bit is never a reply', () => {
    const coils = fc.array(fc.boolean(), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(coils, fc.nat(47), (values, bit) => {
        const reply = encodeBitsReply('read_coils', 1, values);
        reply[bit >> 3] = (reply[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(findReply({ kind: 'read_coils', unit: 1, address: 0, quantity: 8 }, reply)).toBeNull();
      }),
      { numRuns },
    );
  });

  it('no bytes make it throw', () => {
    fc.assert(
      fc.property(request, fc.uint8Array({ maxLength: 600 }), (each, bytes) => {
        findReply(each, bytes);
        new RequestStream().push(bytes);
      }),
      { numRuns },
    );
  });
});

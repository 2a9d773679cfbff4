import { connect } from 'node:net';
import { generate, type Packet } from 'mqtt-packet';
import { describe, expect, it, vi } from 'vitest';
import { Framer } from '../../daemon/broker/embedded/framer.ts';
import { type Random, seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { connectPacket, publishPacket, RawClient, subscribePacket } from './embedded-raw.ts';
import { openRig } from './embedded-rig.ts';
import { Steps } from './embedded-steps.ts';

/** `VOLTSAFE_FUZZ_INPUTS=100000 npx vitest run test/broker/embedded-fuzz.test.ts --testTimeout 3600000` for the long run. */
const INPUTS = Number(process.env.VOLTSAFE_FUZZ_INPUTS ?? 5_000);
const AT_ONCE = 25;
/** So many mutated packets on one connection, if it lives so long. */
const PACKETS_EACH = 5;

describe('malformed packets', () => {
  it(`${INPUTS} of them crash nothing and leave nothing behind`, async () => {
    const clock = new Steps();
    const { port, broker, troubles } = await openRig({ clock });
    const random = seededRandom(20_261_121);
    const steady = await RawClient.login(port, 'plug1', { clientId: 'steady', keepalive: 0 });
    const handles = openHandles();
    for (let done = 0; done < INPUTS; done += AT_ONCE * PACKETS_EACH) {
      // Failed logins are forgotten, those who hang are swept away.
      clock.advance(61_000);
      await Promise.all(Array.from({ length: AT_ONCE }, () => attack(port, random)));
      await steady.isAlive();
    }
    await vi.waitFor(() => expect(broker.counts()).toMatchObject({ connections: 1, strangers: 0, heldBytes: 0 }));
    await vi.waitFor(() => expect(openHandles()).toBeLessThanOrEqual(handles));
    await speaks(port);
    expect(troubles).toEqual([]);
    expect(broker.counts().refused.malformed).toBeGreaterThan(0);
  });

  it('are cut into packets the same way, however they come in pieces', () => {
    const random = seededRandom(7);
    for (let runs = 0; runs < 500; runs += 1) {
      const bytes = Buffer.concat(Array.from({ length: 4 }, () => mutated(some(random), random)));
      const whole = framed([bytes]);
      expect(framed(pieces(bytes, random))).toEqual(whole);
      expect(framed([...bytes].map((byte) => Buffer.from([byte])))).toEqual(whole);
    }
  });
});

async function attack(port: number, random: Random): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  socket.resume();
  const isIn = random() < 0.85;
  const parts = isIn
    ? [generate(connectPacket('plug2', { clientId: `c${Math.floor(random() * 40)}`, clean: random() < 0.5 }))]
    : [];
  for (let count = 0; count < PACKETS_EACH; count += 1)
    parts.push(mutated(isIn ? some(random) : connectOf(random), random));
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.write(Buffer.concat(parts), () => (random() < 0.5 ? socket.end() : socket.destroySoon()));
  });
}

function connectOf(random: Random): Packet {
  const will = random() < 0.5 ? { will: { topic: 'tele/plug2/LWT', payload: 'Offline', qos: 1, retain: true } } : {};
  const version = random() < 0.2 ? { protocolVersion: 5 } : {};
  return connectPacket('plug2', { ...will, ...version });
}

function some(random: Random): Packet {
  const id = 1 + Math.floor(random() * 20);
  const qos = Math.floor(random() * 3) as 0 | 1 | 2;
  const choices: (() => Packet)[] = [
    () => publishPacket('tele/plug2/STATE', '{"POWER":"ON"}', qos, id),
    () => ({ ...publishPacket('plug2/x', 'kept', qos, id), retain: true }) as Packet,
    () => subscribePacket(['cmnd/plug2/#', 'plug2/+/x', 'shellies/command'], qos, id),
    () => ({ cmd: 'unsubscribe', messageId: id, unsubscriptions: ['cmnd/plug2/#'] }),
    () => ({ cmd: 'puback', messageId: id }),
    () => ({ cmd: 'pubrec', messageId: id }),
    () => ({ cmd: 'pubrel', messageId: id }),
    () => ({ cmd: 'pubcomp', messageId: id }),
    () => ({ cmd: 'pingreq' }),
    () => ({ cmd: 'suback', messageId: id, granted: [0] }),
    () => connectOf(random),
  ];
  return (choices[Math.floor(random() * choices.length)] ?? connectOf.bind(null, random))();
}

/** Bits turned, bytes put in or taken out, cut short, said twice; or left as it is. */
function mutated(packet: Packet, random: Random): Buffer {
  let bytes = generate(packet);
  const times = Math.floor(random() * 4);
  for (let count = 0; count < times; count += 1) bytes = mutatedOnce(bytes, random);
  return bytes;
}

function mutatedOnce(bytes: Buffer, random: Random): Buffer {
  const at = Math.floor(random() * bytes.length);
  const byte = Math.floor(random() * 256);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  const kinds = [
    () => Buffer.concat([before, Buffer.from([(bytes[at] ?? 0) ^ (1 << (byte % 8))]), after.subarray(1)]),
    () => Buffer.concat([before, Buffer.from([byte]), after.subarray(1)]),
    () => Buffer.concat([before, Buffer.from([byte]), after]),
    () => Buffer.concat([before, after.subarray(1)]),
    () => Buffer.from(before),
    () => Buffer.concat([bytes, bytes]),
    // Its length says something else.
    () => Buffer.concat([bytes.subarray(0, 1), Buffer.from([byte & 127]), bytes.subarray(2)]),
    () => Buffer.concat([before, Buffer.from([0, 0]), after.subarray(2)]),
    () => Buffer.concat([before, Buffer.from([255, 255]), after.subarray(2)]),
  ];
  return kinds[Math.floor(random() * kinds.length)]?.() ?? bytes;
}

function pieces(bytes: Buffer, random: Random): Buffer[] {
  const cut: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const to = from + 1 + Math.floor(random() * 20);
    cut.push(Buffer.from(bytes.subarray(from, to)));
    from = to;
  }
  return cut;
}

/** All packets, as text; up to what is wrong. */
function framed(chunks: readonly Buffer[]): string[] {
  const framer = new Framer();
  const found: Buffer[] = [];
  const texts = () => found.map((packet) => packet.toString('hex'));
  for (const chunk of chunks) {
    framer.push(chunk);
    for (let next = framer.next(); next !== null; next = framer.next()) {
      if ('fault' in next) return [...texts(), next.fault];
      found.push(next);
    }
  }
  return [...texts(), framer.heldBytes > 0 ? 'more to come' : 'done'];
}

/** Sockets of this process. */
function openHandles(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
}

async function speaks(port: number): Promise<void> {
  const client = await RawClient.login(port, 'plug1', { clientId: 'after' });
  client.send(subscribePacket(['plug1/#'], 1), publishPacket('plug1/x', 'y', 1));
  await client.got('publish');
}

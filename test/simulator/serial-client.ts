import { SerialPort } from 'serialport';
import { expect } from 'vitest';
import { hex, text } from '../drivers/captured.ts';

/** Somebody who opens the device as a serial port. */
export interface SerialClient {
  /** Sends a frame given in hex and waits until exactly this reply came. */
  exchange(frame: string, reply: string): Promise<void>;
  /** Sends and waits for nothing. */
  send(bytes: Uint8Array): void;
  /** In hex, since the last exchange began. */
  heard(): string;
  close(): Promise<void>;
}

export async function openSerialClient(path: string, baudRate = 9600): Promise<SerialClient> {
  const port = new SerialPort({ path, baudRate, autoOpen: false });
  await settled((done) => port.open(done));
  let bytes: number[] = [];
  port.on('data', (chunk: Uint8Array) => bytes.push(...chunk));
  const send = (frame: Uint8Array) => void port.write(Buffer.from(frame));
  const heard = () => text(Uint8Array.from(bytes));
  return {
    exchange: async (frame, reply) => {
      bytes = [];
      send(hex(frame));
      await expect.poll(heard, { interval: 5, timeout: 4000 }).toBe(reply);
    },
    send,
    heard,
    close: () => settled((done) => port.close(done)),
  };
}

function settled(run: (done: (failure: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    run((failure) => (failure ? reject(failure) : resolve()));
  });
}

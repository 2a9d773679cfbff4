import { describe, expect, it } from 'vitest';
import type { BytePipe } from '../../relay-drivers/transport/pipe.ts';
import { hex, text } from '../drivers/captured.ts';
import { closed, type Desk, desk } from './desk.ts';
import * as F from './frames.ts';

/** The desk's own pipe is pulled out, and another is opened in its place. */
async function replug({ port, clock }: Desk): Promise<BytePipe> {
  port.unplug();
  port.plugIn();
  await clock.settle();
  return port.open();
}

describe('the port in memory', () => {
  it('resolves a write when its last bit has left', async () => {
    const here = await desk();
    const pipe = await replug(here);
    let leftMs = 0;
    void pipe.write(hex(F.ON_1)).then(() => {
      leftMs = here.clock.nowMs();
    });
    await here.clock.advance(100);
    expect(leftMs).toBeCloseTo(8 * here.bus.wire.charMs, 6);
  });

  it('sends one write after the other', async () => {
    const here = await desk();
    const pipe = await replug(here);
    const leftMs: number[] = [];
    for (const frame of [F.ON_1, F.ON_6]) void pipe.write(hex(frame)).then(() => leftMs.push(here.clock.nowMs()));
    await here.clock.advance(100);
    expect(leftMs.map((ms) => ms / here.bus.wire.charMs)).toEqual([expect.closeTo(8), expect.closeTo(16)]);
  });

  it('serves one holder at a time, and the board remembers nothing of who it was', async () => {
    const here = await desk();
    await here.ask(F.ON_1);
    await expect(here.port.open()).rejects.toThrow('in use');
    const pipe = await replug(here);
    const heard: string[] = [];
    pipe.onData((bytes) => heard.push(text(bytes)));
    void pipe.write(hex(F.READ_COILS));
    await here.clock.advance(100);
    expect(heard).toEqual(['01 01 01 01 90 48']);
  });

  it('hands a late reply to whoever holds the port by then', async () => {
    const here = await desk();
    here.board.setFaults({ delay_ms: 300 });
    await here.ask(F.READ_COILS, 100);
    const pipe = await replug(here);
    const heard: string[] = [];
    pipe.onData((bytes) => heard.push(text(bytes)));
    await here.clock.advance(1000);
    expect(heard).toEqual(['01 01 01 00 51 88']);
    expect(here.heard()).toBe('');
  });

  it('unplugged in mid-frame: the write fails, the pipe says why once, the board heard no request', async () => {
    const here = await desk();
    const pipe = await replug(here);
    const reasons: string[] = [];
    pipe.onClose((reason) => reasons.push(reason));
    const write = pipe.write(hex(F.ON_1));
    await here.clock.advance(4);
    here.port.unplug();
    await expect(write).rejects.toThrow('unplugged');
    await expect(pipe.write(hex(F.ON_1))).rejects.toThrow('unplugged');
    await expect(here.port.open()).rejects.toThrow('unplugged');
    pipe.close();
    await here.clock.advance(100);
    expect(reasons).toEqual(['the simulated adapter was unplugged']);
    expect(closed(here.board)).toEqual([]);
  });

  it('closed in mid-frame: what was handed over still goes out, as on a real port', async () => {
    const here = await desk();
    const pipe = await replug(here);
    const write = pipe.write(hex(F.ON_1));
    await here.clock.advance(4);
    pipe.close();
    await expect(write).rejects.toThrow('closed');
    await here.clock.advance(100);
    expect(closed(here.board)).toEqual([1]);
  });
});

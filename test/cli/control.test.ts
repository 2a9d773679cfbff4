import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { askControl, isHubRunning } from '../../daemon/cli/control-client.ts';
import { controlPlace } from '../../daemon/cli/control-place.ts';
import { type OnTrouble, serveControl } from '../../daemon/cli/control-server.ts';
import { ControlError, type Handlers, MAX_LINE_CHARS } from '../../daemon/cli/control-wire.ts';
import { scratch } from './voltsafe.ts';

const HANDLERS: Handlers = {
  echo: async (params) => params,
  refuse: async () => {
    throw new ControlError('not_found', 'no such thing');
  },
  break: async () => {
    throw new Error('secret inside');
  },
};

async function serve(dataDir: string, onTrouble: OnTrouble = () => {}) {
  const server = await serveControl(dataDir, HANDLERS, onTrouble);
  onTestFinished(() => server.close());
  return server;
}

/** Leaves the socket of a process that was killed. */
async function killedHub(dataDir: string): Promise<void> {
  const program = `require('node:net').createServer().listen(${JSON.stringify(join(dataDir, 'control.sock'))}, () => process.kill(process.pid, 'SIGKILL'))`;
  const child = spawn(process.execPath, ['-e', program], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('exit', resolve));
}

/** A caller of raw lines. */
async function dial(dataDir: string): Promise<{ socket: Socket; heard: () => string }> {
  const socket = connect(join(dataDir, 'control.sock'));
  onTestFinished(() => void socket.destroy());
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  return { socket, heard: () => text };
}

describe('the control socket', () => {
  it('answers the owner alone: mode 0600', async () => {
    const dataDir = scratch();
    await serve(dataDir);
    expect(statSync(join(dataDir, 'control.sock')).mode & 0o777).toBe(0o600);
    expect(await askControl(dataDir, 'echo', { a: ['ü', 1] })).toEqual({ result: { a: ['ü', 1] } });
  });

  it('says why not: the code of a refusal, and nothing of what broke inside', async () => {
    const dataDir = scratch();
    const onTrouble = vi.fn<OnTrouble>();
    await serve(dataDir, onTrouble);
    await expect(askControl(dataDir, 'refuse', {})).rejects.toMatchObject({
      code: 'not_found',
      message: 'no such thing',
    });
    await expect(askControl(dataDir, 'toString', {})).rejects.toMatchObject({ code: 'not_found' });
    expect(onTrouble).not.toHaveBeenCalled();
    await expect(askControl(dataDir, 'break', {})).rejects.toThrow('the hub could not do it; its log says why');
    expect(onTrouble).toHaveBeenCalledOnce();
  });

  it('is gone with its hub, and what a killed hub left behind is no hub', async () => {
    const dataDir = scratch();
    expect(await isHubRunning(join(dataDir, 'not-made-yet'))).toBe(false);
    const server = await serveControl(dataDir, HANDLERS, () => {});
    expect(await isHubRunning(dataDir)).toBe(true);
    await server.close();
    expect(existsSync(join(dataDir, 'control.sock'))).toBe(false);
    await killedHub(dataDir);
    expect(existsSync(join(dataDir, 'control.sock'))).toBe(true);
    expect(await askControl(dataDir, 'echo', {})).toBeNull();
    await serve(dataDir);
    expect(await isHubRunning(dataDir)).toBe(true);
  });

  it('works in a directory whose path is longer than a socket’s name may be', async () => {
    const dataDir = join(scratch(), 'a-long-name-of-a-folder'.repeat(8));
    mkdirSync(dataDir);
    expect(Buffer.byteLength(dataDir)).toBeGreaterThan(108);
    const server = await serveControl(dataDir, HANDLERS, () => {});
    expect(statSync(join(dataDir, 'control.sock')).mode & 0o777).toBe(0o600);
    expect(await askControl(dataDir, 'echo', 1)).toEqual({ result: 1 });
    const place = await controlPlace(dataDir);
    expect(Buffer.byteLength(place.path)).toBeLessThan(108);
    await place.release();
    await server.close();
    expect(await isHubRunning(dataDir)).toBe(false);
  });

  it('answers several lines in order, also when they come in pieces, and bad ones with their error', async () => {
    const dataDir = scratch();
    await serve(dataDir);
    const { socket, heard } = await dial(dataDir);
    socket.write('{"id":1,"method":"echo","params":1}\n{"id":2,"meth');
    await vi.waitFor(() => expect(heard()).toBe('{"id":1,"result":1}\n'));
    socket.write('od":"echo","params":2}\nnot json\n{"id":3,"method":"echo","params":3,"more":0}\n');
    await vi.waitFor(() => expect(heard().split('\n')).toHaveLength(5));
    const codes = heard()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).error?.code);
    expect(codes).toEqual([undefined, undefined, 'invalid_request', 'invalid_request']);
  });

  it('reads no request without end', async () => {
    const dataDir = scratch();
    await serve(dataDir);
    const { socket, heard } = await dial(dataDir);
    const isClosed = new Promise((resolve) => socket.once('close', resolve));
    socket.write('x'.repeat(MAX_LINE_CHARS + 1));
    await isClosed;
    expect(heard()).toContain('"too_large"');
  });

  it('takes no more than eight callers at a time', async () => {
    const dataDir = scratch();
    await serve(dataDir);
    const first = await Promise.all(Array.from({ length: 8 }, () => dial(dataDir)));
    const { socket } = await dial(dataDir);
    await new Promise((resolve) => socket.once('close', resolve));
    first[0]?.socket.destroy();
    await vi.waitFor(async () => expect(await askControl(dataDir, 'echo', 1)).toEqual({ result: 1 }));
  });
});

import { once } from 'node:events';
import { access, constants } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { MqttSettings } from '../settings/types.ts';
import { type Check, fail, ok } from './checks.ts';
import { wordsOf } from './errors.ts';

const REACH_MS = 3000;

/** MQTT: may the hub open its own broker's ports, is somebody else's broker there, are the files readable. */
export async function checkBroker(mqtt: MqttSettings, isHubRunning: boolean): Promise<Check[]> {
  if (mqtt.mode === 'off') return [];
  if (mqtt.mode === 'external') return [await checkReach(mqtt.url), ...(await checkFiles(mqtt))];
  // A hub that runs has them.
  const ports = isHubRunning ? [] : [mqtt.port, ...(mqtt.tls === null ? [] : [mqtt.tls.port])];
  return [...(await Promise.all(ports.map((port) => checkFree(mqtt.host, port)))), ...(await checkFiles(mqtt))];
}

async function checkFree(host: string, port: number): Promise<Check> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return ok(`the MQTT broker can listen on ${host}:${port}`);
  } catch (error) {
    return fail(
      `the MQTT broker cannot listen on ${host}:${port}: ${wordsOf(error)}`,
      'another broker may run here (Mosquitto): stop it, choose another mqtt.port, or use it with mqtt.mode: external',
    );
  } finally {
    server.close();
  }
}

async function checkReach(url: string): Promise<Check> {
  const { hostname, port, protocol } = new URL(url);
  const usual = protocol === 'mqtts:' ? 8883 : 1883;
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? usual : Number(port) });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(REACH_MS) });
    return ok(`${url} is there`);
  } catch (error) {
    return fail(`${url} is not reached: ${wordsOf(error)}`, 'check mqtt.url, the network, and that the broker runs');
  } finally {
    socket.destroy();
  }
}

type WithFiles = Exclude<MqttSettings, { mode: 'off' }>;

async function checkFiles(mqtt: WithFiles): Promise<Check[]> {
  const named =
    mqtt.mode === 'embedded'
      ? { 'mqtt.tls.cert_file': mqtt.tls?.certFile, 'mqtt.tls.key_file': mqtt.tls?.keyFile }
      : { 'mqtt.password_file': mqtt.passwordFile, 'mqtt.ca_file': mqtt.caFile };
  const checks = Object.entries(named).map(([setting, path]) => (path ? checkFile(setting, path) : []));
  return (await Promise.all(checks)).flat();
}

async function checkFile(setting: string, path: string): Promise<Check[]> {
  try {
    await access(path, constants.R_OK);
    return [];
  } catch (error) {
    return [
      fail(`${setting} cannot be read: ${wordsOf(error)}`, 'check the path, and that the user of the hub may read it'),
    ];
  }
}

import type { PlugFlavour } from '../../relay-drivers/simulator/plug-twin.ts';

/** A plug of no make: `<name>/set` takes `1 ON`, `<name>/get` anything; `<name>/1` tells `ON 100W`. */
export const plainFirmware: PlugFlavour = (name, channels) => {
  const told = (channel: number, isOn: boolean, powerW: number) => ({
    topic: `${name}/${channel}`,
    payload: `${isOn ? 'ON' : 'OFF'} ${powerW}W`,
  });
  const all = Array.from({ length: channels }, (_, index) => index + 1);
  const online = { topic: `${name}/online`, payload: 'true', isRetained: true };
  return {
    will: { ...online, payload: 'false' },
    filters: [`${name}/set`, `${name}/get`],
    reportEveryMs: 10_000,
    connected: () => [online],
    received: (topic, payload, body) => {
      if (topic === `${name}/get`) return all.map((channel) => told(channel, body.isOn(channel), body.powerW(channel)));
      const [channel = '', word] = payload.split(' ');
      body.set(Number(channel), word === 'ON');
      return [{ topic: `${name}/done`, payload: channel }];
    },
    changed: (channel, body) => [told(channel, body.isOn(channel), body.powerW(channel))],
    report: (body) => [
      { topic: `${name}/energy`, payload: `${body.energyWh(1)} ${body.uptimeS}` },
      { topic: `${name}/time`, payload: String(body.unixS) },
    ],
  };
};

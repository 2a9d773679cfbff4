import type { Outgoing, PlugFinder, PlugProtocol, PlugWord, Sighting } from '../../relay-drivers/plugs/protocol.ts';
import type { PlugBody, PlugFirmware, PlugFlavour, Said } from '../../relay-drivers/simulator/plug-twin.ts';
import { topicMatches } from '../../relay-drivers/transport/mqtt-filter.ts';
import { said } from './captured-mqtt.ts';

/** A twin's firmware on a body whose truth a test sets, without a broker and without time. */
export class FirmwareRig {
  readonly firmware: PlugFirmware;
  readonly on: boolean[];
  readonly drawsW: number[];
  readonly countedWh: number[];
  uptimeS = 5;
  unixS = 1_700_000_000;
  #said: Said[] = [];
  readonly #body: PlugBody;

  constructor(flavour: PlugFlavour, name: string, channels: number) {
    this.firmware = flavour(name, channels);
    this.on = new Array<boolean>(channels).fill(false);
    this.drawsW = new Array<number>(channels).fill(0);
    this.countedWh = new Array<number>(channels).fill(0);
    this.#body = this.#makeBody(channels);
  }

  connected(): readonly Said[] {
    return this.#all(() => this.firmware.connected(this.#body));
  }

  report(): readonly Said[] {
    return this.#all(() => this.firmware.report(this.#body));
  }

  press(channel: number): readonly Said[] {
    return this.#all(() => {
      this.#body.set(channel, !this.on[channel - 1]);
      return [];
    });
  }

  /** What it says to messages that reach it by its filters. */
  tell(...messages: readonly Outgoing[]): readonly Said[] {
    const heard = messages.filter(({ topic }) => this.firmware.filters.some((filter) => topicMatches(filter, topic)));
    return heard.flatMap(({ topic, payload }) => this.#all(() => this.firmware.received(topic, payload, this.#body)));
  }

  #all(act: () => readonly Said[]): readonly Said[] {
    this.#said = [];
    const returned = act();
    return [...this.#said, ...returned];
  }

  #makeBody(channels: number): PlugBody {
    const set = (channel: number, isOn: boolean) => {
      if (this.on[channel - 1] === isOn) return;
      this.on[channel - 1] = isOn;
      this.#said.push(...this.firmware.changed(channel, this.#body));
    };
    const rig = this;
    return {
      channels,
      isOn: (channel) => this.on[channel - 1] === true,
      set,
      powerW: (channel) => (this.on[channel - 1] ? (this.drawsW[channel - 1] ?? 0) : 0),
      energyWh: (channel) => this.countedWh[channel - 1] ?? 0,
      voltageV: 230,
      get uptimeS() {
        return rig.uptimeS;
      },
      get unixS() {
        return rig.unixS;
      },
    };
  }
}

/** What a protocol makes of it, live; it hears only what its filters let through. */
export function wordsOf(protocol: PlugProtocol, messages: readonly Said[]): PlugWord[] {
  return messages.filter(reaches(protocol)).flatMap(({ topic, payload }) => protocol.hear(said(topic, payload)));
}

export function sightingsOf(finder: PlugFinder, messages: readonly Said[]): Sighting[] {
  return messages.filter(reaches(finder)).flatMap(({ topic, payload }) => finder.hear(said(topic, payload)));
}

/** Questions and answers between a finder and a device, until nothing is left to ask. */
export function discover(finder: PlugFinder, rig: FirmwareRig): Sighting[] {
  let heard = sightingsOf(finder, [...rig.connected(), ...rig.tell(...finder.calls)]);
  const found: Sighting[] = [];
  while (heard.length > 0) {
    found.push(...heard.filter(({ kind }) => kind !== 'ask'));
    const asked = heard.flatMap((sighting) => (sighting.kind === 'ask' ? [sighting.outgoing] : []));
    heard = sightingsOf(finder, rig.tell(...asked));
  }
  return found;
}

function reaches({ filters }: { readonly filters: readonly string[] }): (message: Said) => boolean {
  return ({ topic }) => filters.some((filter) => topicMatches(filter, topic));
}

import { DriverError, type Proof, type Terms } from '../../relay-drivers/driver.ts';
import { Plug, type PlugParts } from '../../relay-drivers/plugs/plug.ts';
import type { PlugProtocol, PlugWord } from '../../relay-drivers/plugs/protocol.ts';
import type { MqttPort } from '../../relay-drivers/transport/mqtt.ts';
import { skeletonSubject } from './plug-skeleton.ts';
import { NAME, type PlugSubject } from './plug-world.ts';

/** Plugs that are wrong on purpose: each makes the mistake of its name, and the suite must see it. */

const right = skeletonSubject('asked');

const driven = (drive: (parts: PlugParts) => Plug): PlugSubject => ({ ...right, drive });
const spoken = (create: () => PlugProtocol): PlugSubject => ({ ...right, create });
const through = (port: (port: MqttPort) => MqttPort): PlugSubject =>
  driven((parts) => new Plug({ ...parts, port: port(parts.port) }));

/** Of a port whose methods live on the class: everything but what is replaced. */
function changed(port: MqttPort, change: Partial<MqttPort>): MqttPort {
  return {
    get state() {
      return port.state;
    },
    onStateChange: (listener) => port.onStateChange(listener),
    subscribe: (filter, listener) => port.subscribe(filter, listener),
    recall: (filter) => port.recall(filter),
    send: (topic, payload) => port.send(topic, payload),
    cut: (topic) => port.cut(topic),
    ...change,
  };
}

/** What the broker kept is as good to it as what was just said. */
export const believesRetained = through((port) =>
  changed(port, {
    subscribe: (filter, listener) => port.subscribe(filter, (message) => listener({ ...message, isRetained: false })),
  }),
);

const telling = skeletonSubject('telling');

/** What the broker kept counts as soon as it is told, whether or not the device lives. */
export const believesTheDead: PlugSubject = {
  ...telling,
  drive: (parts) => new Plug({ ...parts, port: withSignsOfLife(parts.port) }),
};

function withSignsOfLife(port: MqttPort): MqttPort {
  const sign = {
    topic: `skeleton/${NAME}/power/1`,
    payload: new TextEncoder().encode('{"power":0}'),
    isRetained: false,
  };
  return changed(port, {
    subscribe: (filter, listener) =>
      port.subscribe(filter, (message) => {
        listener(message);
        if (message.isRetained) listener(sign);
      }),
  });
}

/** What is refused while it is away is said again when it is back (S11). */
class KeepsForLater extends Plug {
  readonly #kept: (() => unknown)[] = [];

  constructor(parts: PlugParts) {
    super(parts);
    this.onStateChange(({ isOpen }) => {
      if (isOpen) for (const again of this.#kept.splice(0)) again();
    });
  }

  override setCoil(channel: number, isOn: boolean, terms: Terms): Promise<Proof> {
    return super.setCoil(channel, isOn, terms).catch((failure: DriverError) => {
      if (failure.code === 'port_closed') this.#kept.push(() => super.setCoil(channel, isOn, terms).catch(() => {}));
      throw failure;
    });
  }
}

export const keepsForLater = driven((parts) => new KeepsForLater(parts));

/** It gives an ON up and leaves it where it is (S11). */
export const neverCuts = through((port) => changed(port, { cut: () => undefined }));

/** The first state that comes is the one that was ordered, whatever it is. */
export const takesAnyState = spoken(() => {
  const protocol = right.create();
  const ordered = new Map<number, boolean>();
  return {
    ...protocol,
    command: (channel, isOn, question) => {
      ordered.set(channel, isOn);
      return protocol.command(channel, isOn, question);
    },
    hear: (message) => protocol.hear(message).map((word) => orderedWord(word, ordered)),
  };
});

function orderedWord(word: PlugWord, ordered: Map<number, boolean>): PlugWord {
  if (word.kind !== 'relay') return word;
  const isOn = ordered.get(word.channel) ?? word.isOn;
  ordered.delete(word.channel);
  return { ...word, isOn };
}

/** Where a message tells no power it draws nothing. */
export const zeroForPartial = spoken(() => {
  const protocol = right.create();
  return {
    ...protocol,
    hear: (message) => {
      const words = protocol.hear(message);
      const isPower = /\/power\/1$/.test(message.topic) && !message.isRetained;
      if (!isPower || words.length > 0) return words;
      const reading = { powerMw: 0, phases: [], energyImportMwh: null, energyExportMwh: null };
      return [{ kind: 'power', channel: 1, reading }];
    },
  };
});

/** It throws at what it does not understand. */
export const throwsAtGarbage = spoken(() => {
  const protocol = right.create();
  return {
    ...protocol,
    hear: (message) => {
      if (message.topic.endsWith('/all')) JSON.parse(new TextDecoder().decode(message.payload));
      return protocol.hear(message);
    },
  };
});

/** Its relay is told as the hub knows it, and nobody listens to its button. */
export const deafToButton = driven((parts) => {
  const plug = new Plug(parts);
  plug.onReport = () => undefined;
  return plug;
});

/** Who cannot be asked, and a word that fits is an answer, however old it is. */
class TakesTheFirst extends Plug {
  readonly #parts: PlugParts;

  constructor(parts: PlugParts) {
    super(parts);
    this.#parts = parts;
  }

  override setCoil(channel: number, isOn: boolean, terms: Terms): Promise<Proof> {
    const { port, protocol, clock } = this.#parts;
    if (channel < 1 || channel > protocol.channels) return super.setCoil(channel, isOn, terms);
    return new Promise((resolve, reject) => {
      const { topic, payload } = protocol.command(channel, isOn, 0);
      port.send(topic, payload);
      const ends = protocol.filters.map((filter) =>
        port.subscribe(filter, (message) => {
          const words = message.isRetained ? [] : protocol.hear(message);
          for (const word of words) if (word.kind === 'relay' && word.channel === channel && word.isOn === isOn) end();
        }),
      );
      const cancel = clock.after(protocol.timeoutMs, () => {
        for (const off of ends) off();
        reject(new DriverError('timeout', 'nothing came'));
      });
      const end = (): void => {
        for (const off of ends) off();
        cancel();
        resolve('acknowledged');
      };
    });
  }
}

export const takesTheFirst = driven((parts) => new TakesTheFirst(parts));
export const faultless = right;

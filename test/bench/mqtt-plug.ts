import type { PlugBody, PlugFirmware, Said } from '../../relay-drivers/simulator/plug-twin.ts';
import { tasmotaTwin } from '../../relay-drivers/tasmota/twin.ts';
import { type Login, MqttLine, sharedNowMs } from './mqtt-client.ts';

/** Of the lamp on each plug. */
const DRAWN_W = 8;

/** What a report carries beside a Tasmota's own words: when it left, and its number among those of its topic. */
export const MARK = /"Bench":\[([\d.]+),(\d+)\]\}$/;

/** The firmware of the simulated Tasmota on one connection, and a lamp on its relay. */
export class BenchPlug {
  readonly #firmware: PlugFirmware;
  readonly #line: MqttLine;
  readonly #onSwitched: (isOn: boolean) => void;
  readonly #startedMs = sharedNowMs();
  #isOn = false;
  #wh = 0;
  #reports = 0;

  private constructor(name: string, line: MqttLine, onSwitched: (isOn: boolean) => void) {
    this.#firmware = tasmotaTwin(name, 1);
    this.#line = line;
    this.#onSwitched = onSwitched;
  }

  static async connect(login: Login, onSwitched: (isOn: boolean) => void): Promise<BenchPlug> {
    const { will, filters } = tasmotaTwin(login.user, 1);
    const line = await MqttLine.open(login, will);
    const plug = new BenchPlug(login.user, line, onSwitched);
    line.onPublish = (topic, payload) => plug.#say(plug.#firmware.received(topic, payload.toString(), plug.#body));
    await line.subscribe(filters);
    plug.#say(plug.#firmware.connected(plug.#body));
    return plug;
  }

  /** Acknowledged or not, at QoS 1. */
  get counts(): { readonly published: number; readonly acknowledged: number; readonly isCut: boolean } {
    const { published, acknowledged, isCut } = this.#line;
    return { published, acknowledged, isCut };
  }

  /** STATE and SENSOR, as every TelePeriod; at QoS 1, which a Tasmota does not know. */
  report(): void {
    if (this.#isOn) this.#wh += this.#body.powerW(1) / 3600;
    this.#reports += 1;
    const mark = `,"Bench":[${sharedNowMs().toFixed(3)},${this.#reports}]}`;
    for (const { topic, payload } of this.#firmware.report(this.#body))
      this.#line.publish({ topic, payload: payload.slice(0, -1) + mark, qos: 1 });
  }

  #say(said: readonly Said[]): void {
    for (const words of said) this.#line.publish(words);
  }

  get #body(): PlugBody {
    return {
      channels: 1,
      isOn: () => this.#isOn,
      set: (channel, isOn) => this.#set(channel, isOn),
      // Never twice the same: what only repeats itself may be cheaper.
      powerW: () => (this.#isOn ? DRAWN_W + (this.#reports % 10) / 10 : 0),
      energyWh: () => this.#wh,
      voltageV: 230,
      uptimeS: (sharedNowMs() - this.#startedMs) / 1000,
      unixS: Date.now() / 1000,
    };
  }

  #set(channel: number, isOn: boolean): void {
    this.#isOn = isOn;
    this.#onSwitched(isOn);
    this.#say(this.#firmware.changed(channel, this.#body));
  }
}

import process from 'node:process';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { pause } from '../../relay-drivers/clock.ts';
import { seededRandom } from '../../relay-drivers/simulator/spoil.ts';
import { seriesOf } from './figures.ts';
import type { Login } from './mqtt-client.ts';
import { Counter } from './mqtt-counter.ts';
import { HUB_ID, MqttHub } from './mqtt-hub.ts';
import { startMosquitto } from './mqtt-mosquitto.ts';
import { Plugs } from './mqtt-plugs.ts';
import type { Total } from './mqtt-plugs-program.ts';
import { Setter, STRAIGHT, throughHub, type Way } from './mqtt-setter.ts';
import { type Watched, watch } from './mqtt-watch.ts';
import { Place } from './place.ts';
import { heading, note, p50p99, row, target } from './table.ts';

const PLUGS = 1000;
/** Found devices are remembered up to 500. */
const AT_A_TIME = 250;
const RATED_W = 10;
const SETS_PER_S = 20;
const SETTLED_MS = 10_000;
const SET_MS = 50;
const CPU_PERCENT = 60;
const RSS_MB = 200;

/** `MQTT_SECONDS=10 npm run bench mqtt` is for a look. */
const WATCHED_MS = Number(process.env.MQTT_SECONDS ?? 60) * 1000;

const NAMES = Array.from({ length: PLUGS }, (_, i) => `bench-plug-${i}`);

interface Figures extends Watched, Total {
  readonly heard: number;
  readonly outOfOrder: number;
  readonly lateMs: readonly number[];
  readonly sets: number;
  readonly notDone: number;
  readonly switchedMs: readonly number[];
  readonly confirmedMs: readonly number[];
}

interface Meeting {
  readonly pid: number;
  readonly counter: Login;
  readonly setter: Login;
  readonly way: Way;
}

/** A thousand plugs that report every second, at the hub's broker and at Mosquitto. */
export async function mqtt(): Promise<void> {
  tell(await inPlace(atHub), await inPlace(atMosquitto));
}

/** One after the other: each has the machine for itself. */
async function inPlace<T>(work: (place: Place) => Promise<T>): Promise<T> {
  const found: T[] = [];
  await Place.use(async (place) => {
    found.push(await work(place));
  });
  const [one] = found;
  if (one === undefined) throw new Error('nothing was measured');
  return one;
}

async function atHub(place: Place): Promise<Figures> {
  const hub = await MqttHub.start(place);
  const plugs = new Plugs(place);
  const logins = await hub.addPlugs(NAMES);
  for (let from = 0; from < PLUGS; from += AT_A_TIME) {
    await plugs.connect(logins.slice(from, from + AT_A_TIME));
    await hub.adopt(NAMES.slice(from, from + AT_A_TIME), RATED_W);
  }
  await hub.untilKnown();
  const counter = await hub.addUser('counter', 'integration', ['tele/#']);
  const setter = await hub.addUser('setter', 'integration');
  return measure(plugs, { pid: hub.pid, counter, setter, way: throughHub(HUB_ID) });
}

/** Null: there is none on this machine. */
async function atMosquitto(place: Place): Promise<Figures | null> {
  const broker = await startMosquitto(place, ['counter', 'setter', ...NAMES]);
  if (broker === null) return null;
  const [counter, setter, ...logins] = broker.logins;
  if (counter === undefined || setter === undefined) return null;
  const plugs = new Plugs(place);
  await plugs.connect(logins);
  return measure(plugs, { pid: broker.pid, counter, setter, way: STRAIGHT });
}

async function measure(plugs: Plugs, { pid, counter: login, setter: other, way }: Meeting): Promise<Figures> {
  const counter = await Counter.open(login);
  const setter = await Setter.open(other, way, NAMES, seededRandom(1));
  plugs.onSwitched = (plug, isOn, atMs) => setter.switched(plug, isOn, atMs);
  plugs.report();
  const setting = setter.run(SETS_PER_S);
  await pause(systemClock, SETTLED_MS);
  counter.takeMs();
  setter.take();
  const watched = await watch(pid, WATCHED_MS);
  const times = { lateMs: counter.takeMs(), ...setter.take() };
  const notDone = (await setter.stop()) + setter.refused;
  await setting;
  const told = await plugs.stop();
  await counter.until(told.published);
  counter.close();
  const { heard, outOfOrder } = counter;
  return { ...watched, ...told, ...times, heard, outOfOrder, sets: setter.sent, notDone };
}

function tell(hub: Figures, other: Figures | null): void {
  heading(
    `MQTT: ${PLUGS} plugs report STATE and SENSOR every second at QoS 1; ${SETS_PER_S} sets a second; ${WATCHED_MS / 1000} s`,
  );
  note('all are adopted appliances with meters; one subscriber hears all reports at QoS 1, one all that the hub says');
  reports('hub', hub);
  const { published, heard, outOfOrder, cut } = hub;
  const lost = Math.max(0, published - heard);
  target('hub: reports lost, or out of order', `${lost}, ${outOfOrder}`, '0', lost + outOfOrder === 0);
  if (cut > 0) row('hub: plugs whose connection it ended', String(cut));
  const p99 = percentile99(hub.switchedMs);
  target(
    `set to plug switched, p50 / p99 of ${hub.switchedMs.length}`,
    times(hub.switchedMs),
    `< ${SET_MS} ms`,
    p99 < SET_MS,
  );
  row(`set to the result \`confirmed\`, p50 / p99 of ${hub.confirmedMs.length}`, times(hub.confirmedMs));
  row('sets that were not carried out', `${hub.notDone} of ${hub.sets}`);
  target('hub: CPU', percent(hub.cpuPercent), `< ${CPU_PERCENT} % of a core`, hub.cpuPercent < CPU_PERCENT);
  target('hub: VmRSS, at most', mb(hub.rssMb), `< ${RSS_MB} MB`, hub.rssMb < RSS_MB);
  row('hub: load of the machine', hub.load.toFixed(2));
  if (other === null) note('there is no Mosquitto here to compare with');
  else tellMosquitto(other);
}

function tellMosquitto(other: Figures): void {
  reports('Mosquitto', other);
  row('Mosquitto: command straight to the plug, p50 / p99', times(other.switchedMs));
  row('Mosquitto: CPU', percent(other.cpuPercent));
  row('Mosquitto: VmRSS, at most', mb(other.rssMb));
  row('Mosquitto: load of the machine', other.load.toFixed(2));
}

function reports(who: string, { published, acknowledged, heard, lateMs }: Figures): void {
  row(`${who}: reports sent, acknowledged, heard`, `${published}, ${acknowledged}, ${heard}`);
  row(`${who}: report to the subscriber, p50 / p99`, times(lateMs));
}

/** On a machine that does too much else there may be none. */
function times(valuesMs: readonly number[]): string {
  return valuesMs.length === 0 ? 'none' : p50p99(seriesOf(valuesMs));
}

function percentile99(valuesMs: readonly number[]): number {
  return valuesMs.length === 0 ? Number.POSITIVE_INFINITY : seriesOf(valuesMs).p99;
}

function percent(value: number): string {
  return `${value.toFixed(1)} %`;
}

function mb(value: number): string {
  return `${value.toFixed(1)} MB`;
}

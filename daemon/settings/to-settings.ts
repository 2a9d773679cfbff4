import { resolve } from 'node:path';
import type { MeterSettings } from '../../relay-drivers/meter-registry.ts';
import { HOUSE } from '../core/model.ts';
import { isBoard, isPlug } from './bus-entry.ts';
import type { MqttFile } from './mqtt.ts';
import { toReplication } from './replication.ts';
import type { SettingsFile } from './schema.ts';
import type { MeterEntry, MqttSettings, Settings } from './types.ts';

export interface Origin {
  /** The file as it is named in errors. */
  readonly file: string;
  /** Absolute; relative paths in the file are relative to it. */
  readonly folder: string;
  /** Of this machine, where the file names none. */
  readonly timezone: string;
}

/** From the words of the file to the words of the hub. */
export function toSettings(file: SettingsFile, origin: Origin): Settings {
  const { hub, limits, replication } = file;
  const beside = (path: string) => resolve(origin.folder, path);
  return {
    hub: { id: hub.id, name: hub.name, dataDir: beside(hub.data_dir), timezone: hub.timezone ?? origin.timezone },
    limits: {
      limitMw: limits.limit_w,
      nearLimitMw: Math.round(limits.limit_w * limits.near_limit_ratio),
      baseLoadMw: limits.base_load_w,
    },
    circuits: file.circuits.map(({ id, parent, limit_w }) => ({ id, parent: parent ?? HOUSE, limitMw: limit_w })),
    http: file.http,
    mqtt: toMqtt(file.mqtt, beside),
    buses: file.buses.filter(isBoard),
    plugs: file.buses.filter(isPlug),
    meters: file.meters.map(toMeter),
    replication: replication === undefined ? null : toReplication(replication, beside),
    log: file.log,
  };
}

function toMqtt(mqtt: MqttFile, beside: (path: string) => string): MqttSettings {
  switch (mqtt.mode) {
    case 'embedded': {
      const { mode, host, port, tls, home_assistant } = mqtt;
      const files = tls && { certFile: beside(tls.cert_file), keyFile: beside(tls.key_file), port: tls.port };
      return { mode, host, port, tls: files ?? null, homeAssistant: home_assistant };
    }
    case 'external': {
      const { mode, url, username = null, role, home_assistant } = mqtt;
      const file = (path: string | undefined) => (path === undefined ? null : beside(path));
      const files = { passwordFile: file(mqtt.password_file), caFile: file(mqtt.ca_file) };
      return { mode, url, username, ...files, role, homeAssistant: home_assistant };
    }
    case 'off':
      return mqtt;
  }
}

/** 10 s, or 2.5 times its own period where that is more: one lost reading is no silence. */
const STALE_MS = 10_000;
const STALE_PERIODS = 2.5;

function toMeter(meter: MeterSettings): MeterEntry {
  const periodMs = ('poll_s' in meter ? meter.poll_s : meter.period_s) * 1000;
  const usualMs = Math.max(STALE_MS, periodMs * STALE_PERIODS);
  const { stale_after_s: given } = meter;
  return { ...meter, staleAfterMs: Math.round(given === undefined ? usualMs : given * 1000) };
}

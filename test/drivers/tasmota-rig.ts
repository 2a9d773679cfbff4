import type { PlugWord } from '../../relay-drivers/plugs/protocol.ts';
import { createTasmota } from '../../relay-drivers/tasmota/protocol.ts';
import { tasmotaSettings } from '../../relay-drivers/tasmota/settings.ts';
import { said } from './captured-mqtt.ts';

/** A Tasmota of the topic `T` that measures power, and whatever else its entry says. */
export const plug = (entry: object = {}) =>
  createTasmota(tasmotaSettings.parse({ id: 'plug', driver: 'tasmota', topic: 'T', power: true, ...entry }));

/** What a message says, but that its sender is there. */
export const heard = (topic: string, payload: string | object, entry?: object) =>
  spoken(plug(entry).hear(said(topic, payload)));

export const spoken = (words: readonly PlugWord[]) => words.filter(({ kind }) => kind !== 'presence');

export const relay = (channel: number, isOn: boolean): PlugWord => ({ kind: 'relay', channel, isOn });

import { readFileSync } from 'node:fs';
import type { MqttMessage } from '../../relay-drivers/transport/mqtt.ts';

/** A message as it comes from a broker: live, unless it is said to be retained. */
export function said(topic: string, payload: string | object, isRetained = false): MqttMessage {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return { topic, payload: new TextEncoder().encode(text), isRetained };
}

/** The messages of one capture file, in order. */
export function capturedMessages(name: string): MqttMessage[] {
  const lines = readFileSync(new URL(`captures/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  return lines.map((line) => {
    const { topic, payload, retain } = JSON.parse(line) as { topic: string; payload: string; retain?: boolean };
    return said(topic, payload, retain === true);
  });
}

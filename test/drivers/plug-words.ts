import type { PlugWord } from '../../relay-drivers/plugs/protocol.ts';
import { onePhase } from '../../relay-drivers/plugs/words/quantities.ts';

export const relay = (channel: number, isOn: boolean): PlugWord => ({ kind: 'relay', channel, isOn });
export const presence = (isOnline: boolean): PlugWord => ({ kind: 'presence', isOnline });
export const restarted: PlugWord = { kind: 'restarted' };
export const trouble = (what: string, channel: number | null = 1): PlugWord => ({ kind: 'trouble', channel, what });

type Measured = Omit<Parameters<typeof onePhase>[0], 'powerMw'>;

export const power = (channel: number, powerMw: number, more: Measured = {}): PlugWord => ({
  kind: 'power',
  channel,
  reading: onePhase({ powerMw, ...more }),
});

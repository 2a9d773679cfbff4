import type { Said } from './plug-twin.ts';

/** One connection of a simulated plug to a broker. It ends once; the next one is a new one. */
export interface PlugClient {
  /** The broker accepted it. Called once, now or later. */
  onUp(listener: () => void): void;
  /** The connection is gone without our doing, or was refused. Called at most once. */
  onLost(listener: (why: string) => void): void;
  onMessage(listener: (topic: string, payload: string) => void): void;
  subscribe(filter: string): void;
  publish(said: Said): void;
  /** Not graceful: reset, so that the broker publishes the will. Nothing is called back after it. */
  end(isGraceful: boolean): void;
}

/** Begins a connection with a clean session. */
export type ConnectPlug = (will: Said) => PlugClient;

/** What a frame can do to a simulated board, and what it can see of it. */
export interface Bench {
  readonly channels: number;
  registers(): readonly boolean[];
  inputs(): readonly boolean[];
  /** A channel that the board has not moves nothing. */
  set(channel: number, isOn: boolean): void;
  flip(channel: number): void;
  /** Now to `isOn`, back after `lengthMs`; any later write to the channel ends it. */
  pulse(channel: number, isOn: boolean, lengthMs: number): void;
}

/** The board's side of a conversation; made anew at each power-up, so it may remember what it heard. */
export interface Protocol {
  /** What stood between two silences, perhaps damaged. Returns what the board says to it; null: nothing. */
  hear(frame: Uint8Array, unit: number, bench: Bench): Uint8Array | null;
  /** An input changed: what the board does by itself, with or without a hub. */
  inputChanged?(input: number, isPressed: boolean, bench: Bench): void;
}

/** A make of board. */
export interface Flavour {
  /** Factory address, where the make has addresses; 1 otherwise. */
  readonly unit: number;
  /** Said unasked whenever the board gets power; null: nothing. */
  readonly powerUpText: Uint8Array | null;
  /** So long after a frame the board hears nothing: what comes within it is lost. */
  readonly busyMs?: number;
  protocol(): Protocol;
}

import { onTestFinished } from 'vitest';
import { Line } from '../../relay-drivers/line/line.ts';
import { memoryWire } from '../../relay-drivers/transport/memory.ts';
import { type CapturedFrame, captured, text } from './captured.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface RecordedBoard {
  readonly clock: VirtualClock;
  readonly line: Line;
  /** What left for the board, in order. */
  readonly sent: string[];
}

/**
 * A line whose board says what the recorded one said: after each request that stands in the recording, the bytes that
 * stand behind it there; what `others` says comes first, and to anything else it says nothing.
 */
export async function recordedBoard(
  file: string,
  others: Readonly<Record<string, Uint8Array>> = {},
): Promise<RecordedBoard> {
  const clock = new VirtualClock();
  const answers = new Map([...answersIn(captured(file)), ...Object.entries(others)]);
  const sent: string[] = [];
  const open = async () => {
    const { hub, board } = memoryWire();
    board.onData((bytes) => {
      sent.push(text(bytes));
      const answer = answers.get(text(bytes));
      if (answer) clock.after(30, () => void board.write(answer));
    });
    return hub;
  };
  const line = new Line({ open, clock, baud: 9600 });
  onTestFinished(() => line.close());
  line.start();
  await clock.settle();
  return { clock, line, sent };
}

/** The frames that the host sent, each once. */
export function requestsIn(file: string): string[] {
  const frames = captured(file).filter(({ dir }) => dir === 'tx');
  return [...new Set(frames.map(({ bytes }) => text(bytes)))];
}

function answersIn(frames: readonly CapturedFrame[]): [string, Uint8Array][] {
  return frames.flatMap(({ dir, bytes }, at): [string, Uint8Array][] => {
    const next = frames[at + 1];
    return dir === 'tx' && next?.dir === 'rx' ? [[text(bytes), next.bytes]] : [];
  });
}

import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { systemClock } from '../../daemon/observe/system-clock.ts';
import { pause } from '../../relay-drivers/clock.ts';
import { cpuMsOf } from './cpu.ts';

export interface Watched {
  /** Of one core; all threads. */
  readonly cpuPercent: number;
  /** The most that was seen, once a second. */
  readonly rssMb: number;
  /** Of the machine, when it was over. */
  readonly load: number;
}

/** A process, for so long. */
export async function watch(pid: number, forMs: number): Promise<Watched> {
  const [startedMs, beforeMs] = [performance.now(), cpuMsOf(pid)];
  let rssMb = rssMbOf(pid);
  while (performance.now() < startedMs + forMs) {
    await pause(systemClock, 1000);
    rssMb = Math.max(rssMb, rssMbOf(pid));
  }
  const cpuPercent = ((cpuMsOf(pid) - beforeMs) * 100) / (performance.now() - startedMs);
  return { cpuPercent, rssMb, load: loadavg()[0] ?? Number.NaN };
}

/** VmRSS, in MB of 10^6 bytes. */
function rssMbOf(pid: number): number {
  const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kb ?? Number.NaN) * 1024) / 1e6;
}

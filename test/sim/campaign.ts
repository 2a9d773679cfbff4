import { parseArgs } from 'node:util';
import { Broken } from './broken.ts';
import { live } from './script.ts';
import { World } from './world.ts';

/** What one world came to. */
export interface Life {
  readonly seed: number;
  readonly hash: string;
  readonly kills: number;
  readonly counts: Readonly<Record<string, number>>;
}

export async function liveWorld(seed: number, inputs: number): Promise<Life> {
  const world = new World(seed);
  try {
    await live(world, inputs);
    return {
      seed,
      hash: world.hash(),
      kills: world.kills,
      counts: { ...world.answers.counts, ...world.leases.counts, ...world.truth.late },
    };
  } catch (error) {
    if (error instanceof Error) error.message = `seed ${seed}, ${inputs} inputs: ${error.message}`;
    throw error;
  } finally {
    world.close();
  }
}

/** Runs worlds one after the other; stops at the first rule that breaks. */
export async function campaign(
  firstSeed: number,
  worlds: number,
  inputs: number,
  onLife: (life: Life) => void,
): Promise<void> {
  for (let seed = firstSeed; seed < firstSeed + worlds; seed++) onLife(await liveWorld(seed, inputs));
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      worlds: { type: 'string', default: '100' },
      inputs: { type: 'string', default: '100' },
    },
  });
  const sums: Record<string, number> = { worlds: 0, inputs: 0, kills: 0 };
  const add = (name: string, n: number) => {
    sums[name] = (sums[name] ?? 0) + n;
  };
  try {
    await campaign(Number(values.seed), Number(values.worlds), Number(values.inputs), ({ kills, counts }) => {
      add('worlds', 1);
      add('inputs', Number(values.inputs));
      add('kills', kills);
      for (const [name, n] of Object.entries(counts)) add(name, n);
    });
  } catch (error) {
    console.log(JSON.stringify({ broken: error instanceof Broken ? error.rule : 'error', ...sums }));
    console.error(error);
    return 1;
  }
  console.log(JSON.stringify(sums));
  return 0;
}

if (import.meta.main) process.exit(await main());

import { registerHooks } from 'node:module';
import { type Edit, MUTANTS } from './mutants.ts';

/** Loaded with `--import`: takes the rule named in VOLTSAFE_MUTANT out of the source as it is loaded. */
const mutant = MUTANTS.find(({ name }) => name === process.env['VOLTSAFE_MUTANT']);
if (mutant === undefined) throw new Error(`there is no mutant "${process.env['VOLTSAFE_MUTANT']}"`);
const edits: readonly Edit[] = mutant.also === undefined ? [mutant] : [mutant, mutant.also];

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const here = edits.filter(({ file }) => url.endsWith(`/${file}`));
    if (here.length === 0) return loaded;
    return { ...loaded, source: here.reduce(edited, String(loaded.source)) };
  },
});

function edited(source: string, { file, find, replace }: Edit): string {
  const count = source.split(find).length - 1;
  if (count !== 1) throw new Error(`"${find}" stands ${count} times in ${file}: mend the mutant`);
  return source.replace(find, () => replace);
}

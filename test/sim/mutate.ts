import { registerHooks } from 'node:module';
import { MUTANTS } from './mutants.ts';

/** Loaded with `--import`: takes the rule named in VOLTSAFE_MUTANT out of the source as it is loaded. */
const mutant = MUTANTS.find(({ name }) => name === process.env['VOLTSAFE_MUTANT']);
if (mutant === undefined) throw new Error(`there is no mutant "${process.env['VOLTSAFE_MUTANT']}"`);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(`/${mutant.file}`)) return loaded;
    const source = String(loaded.source);
    const count = source.split(mutant.find).length - 1;
    if (count !== 1) throw new Error(`"${mutant.find}" stands ${count} times in ${mutant.file}: mend the mutant`);
    return { ...loaded, source: source.replace(mutant.find, () => mutant.replace) };
  },
});

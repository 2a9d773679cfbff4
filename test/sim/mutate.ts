import { editSources } from './edit-sources.ts';
import { MUTANTS } from './mutants.ts';

/** Loaded with `--import`: takes the rule named in VOLTSAFE_MUTANT out of the source as it is loaded. */
const mutant = MUTANTS.find(({ name }) => name === process.env['VOLTSAFE_MUTANT']);
if (mutant === undefined) throw new Error(`there is no mutant "${process.env['VOLTSAFE_MUTANT']}"`);
editSources(mutant.also === undefined ? [mutant] : [mutant, mutant.also]);

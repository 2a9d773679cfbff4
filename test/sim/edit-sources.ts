import { registerHooks } from 'node:module';
import type { Edit } from './mutants.ts';

/** Every source that is loaded from now on is as the edits make it; one that fits nowhere, or twice, is a fault. */
export function editSources(edits: readonly Edit[]): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const here = edits.filter(({ file }) => url.endsWith(`/${file}`));
      if (here.length === 0) return loaded;
      return { ...loaded, source: here.reduce(edited, String(loaded.source)) };
    },
  });
}

function edited(source: string, { file, find, replace }: Edit): string {
  const count = source.split(find).length - 1;
  if (count !== 1) throw new Error(`"${find}" stands ${count} times in ${file}: mend the edit`);
  return source.replace(find, () => replace);
}

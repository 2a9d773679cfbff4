import { files, readText } from './files.ts';
import { readSource, type Source } from './source.ts';

const CODE = /\.(ts|js|vue)$/;

/** The code of the repository, parsed once for all rules. */
export function sources(): Source[] {
  return files()
    .filter((path) => CODE.test(path))
    .map((path) => readSource(path, readText(path)));
}

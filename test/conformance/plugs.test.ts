import { describe, it } from 'vitest';
import { PLUG_CASES } from './plug-cases.ts';
import { SKELETON_PLUGS } from './plug-skeleton.ts';
import { PLUGS, plugSubject } from './plugs.ts';

describe.each([...PLUGS.map(plugSubject), ...SKELETON_PLUGS])('$name, $channels channels', (subject) => {
  it.each(PLUG_CASES)('$name', ({ run }) => run(subject));
});

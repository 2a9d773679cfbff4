import { describe, expect, it } from 'vitest';
import {
  BANS,
  bannedComments,
  bannedUses,
  idleExceptions,
  impureCore,
  LINES_AT_MOST,
  longFiles,
  looseTypes,
  sleepsInTests,
} from './bans.ts';
import { readSource, type Source } from './source.ts';

type Rule = (sources: readonly Source[]) => string[];

/** What each rule stops, and what looks like it but is not. */
const SAMPLES: readonly [rule: Rule, path: string, text: string, isStopped: boolean][] = [
  [bannedUses, 'daemon/queue/x.ts', 'const now = Date.now();', true],
  [bannedUses, 'daemon/queue/x.ts', 'const at = { now: Date.now };', true],
  [bannedUses, 'daemon/queue/x.ts', 'const shown = new Date();', true],
  [bannedUses, 'daemon/queue/x.ts', 'const shown = new Date(wallMs);', false],
  [bannedUses, 'daemon/queue/x.ts', 'const ms = performance.now();', true],
  [bannedUses, 'daemon/queue/x.ts', 'setTimeout(run, 5);', true],
  [bannedUses, 'daemon/queue/x.ts', 'globalThis.setTimeout(run, 5);', true],
  [bannedUses, 'daemon/queue/x.ts', 'socket.setTimeout(5);', false],
  [bannedUses, 'daemon/queue/x.ts', 'const { setInterval: every } = clock;', false],
  [bannedUses, 'daemon/queue/x.ts', 'setInterval(run, 5);', true],
  [bannedUses, 'daemon/queue/x.ts', 'const n = Math.random();', true],
  [bannedUses, 'daemon/queue/x.ts', 'const n = Math.max(1, 2);', false],
  [bannedUses, 'daemon/queue/x.ts', 'const home = process.env.HOME;', true],
  [bannedUses, 'daemon/queue/x.ts', 'const { env } = process;', true],
  [bannedUses, 'daemon/queue/x.ts', 'process.exit(1);', true],
  [bannedUses, 'daemon/queue/x.ts', 'parts.process.exit(1);', false],
  [bannedUses, 'daemon/queue/x.ts', "console.log('here');", true],
  [bannedUses, 'daemon/queue/x.ts', "const text = 'Date.now() and process.exit(1)'; // setTimeout(run, 5)", false],
  [bannedUses, 'daemon/queue/x.ts', `const text = \`\${a} Math.random()\`;`, false],
  [bannedUses, 'daemon/queue/x.ts', `const text = \`\${Math.random()}\`;`, true],
  [bannedUses, 'relay-drivers/line/x.ts', 'setTimeout(run, 5);', true],
  [
    bannedUses,
    'dashboard/src/x.vue',
    '<script setup lang="ts">\nsetTimeout(run, 5);\n</script>\n<template>process</template>',
    true,
  ],
  [bannedUses, 'dashboard/src/x.vue', '<template>{{ process }} setTimeout(run, 5)</template>', false],
  [bannedUses, 'daemon/main.ts', 'process.exit(1);', false],
  [bannedUses, 'daemon/main.ts', 'setTimeout(run, 5);', true],
  [sleepsInTests, 'test/core/x.test.ts', 'await new Promise((go) => setTimeout(go, 50));', true],
  [sleepsInTests, 'test/core/x.test.ts', "import { setTimeout as wait } from 'node:timers/promises';", true],
  [sleepsInTests, 'test/core/x.test.ts', 'await clock.advance(50);', false],
  [impureCore, 'daemon/core/x.ts', 'export async function f() {}', true],
  [impureCore, 'daemon/core/x.ts', 'function f(): Promise<void> {}', true],
  [impureCore, 'daemon/core/x.ts', 'let count = 0;', true],
  [impureCore, 'daemon/core/x.ts', 'function f() { let count = 0; count += 1; }', false],
  [impureCore, 'daemon/queue/x.ts', 'export async function f() {}', false],
  [looseTypes, 'daemon/x.ts', 'const a: any = 1;', true],
  [looseTypes, 'test/core/x.test.ts', 'const a = b as any;', true],
  [looseTypes, 'daemon/x.ts', "const any = 'any';", false],
  [looseTypes, 'daemon/x.ts', 'const a = b!.c;', true],
  [looseTypes, 'daemon/x.ts', 'const a = !b;', false],
  [bannedComments, 'daemon/x.ts', '// @ts-ignore\nconst a = 1;', true],
  [bannedComments, 'daemon/x.ts', '/* TODO: later */', true],
  [bannedComments, 'daemon/x.ts', '/** biome-ignore lint: no */', true],
  [bannedComments, 'daemon/x.ts', "const text = '// TODO';", false],
  [bannedComments, 'daemon/x.ts', 'const pattern = /TODO\\/\\/ x/;', false],
  [bannedComments, 'daemon/x.ts', '// todos are written as issues', false],
  [longFiles, 'daemon/x.ts', 'a;\n'.repeat(LINES_AT_MOST + 1), true],
  [longFiles, 'daemon/x.ts', 'a;\n'.repeat(LINES_AT_MOST), false],
];

describe('the rules bite', () => {
  it.each(SAMPLES.map(([rule, ...rest]) => [rule.name, ...rest, rule] as const))(
    '%s %s: %j',
    (_, path, text, isStopped, rule) => {
      expect(rule([readSource(path, text)]).length > 0).toBe(isStopped);
    },
  );

  it('names the place and the replacement', () => {
    expect(bannedUses([readSource('daemon/x.ts', '\n\nconst n = Math.random();')])).toEqual([
      `daemon/x.ts:3 Math.random: take ${BANS.find(({ what }) => what === 'Math.random')?.instead}`,
    ]);
  });

  it('an exception that nobody needs is told', () => {
    const idle = [{ path: 'daemon/x.ts', uses: ['process', 'console'], because: 'once' }];
    expect(idleExceptions([readSource('daemon/x.ts', 'process.exit(1);')], idle)).toEqual([
      'daemon/x.ts is allowed console, which it does not use',
    ]);
  });
});

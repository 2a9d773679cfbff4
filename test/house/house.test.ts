import { describe, expect, it } from 'vitest';
import {
  bannedComments,
  bannedUses,
  EXCEPTIONS,
  idleExceptions,
  impureCore,
  LINES_AT_MOST,
  longFiles,
  looseTypes,
  sleepsInTests,
  TEST_EXCEPTIONS,
} from './bans.ts';
import { cycles, ROOMS, strayImports } from './directions.ts';
import { exists } from './files.ts';
import { sources } from './tree.ts';

const TREE = sources();

describe('imports go one way (design.md 4)', () => {
  it('and nowhere else', () => {
    expect(strayImports(TREE)).toEqual([]);
  });

  it('and never in a circle', () => {
    expect(cycles(TREE)).toEqual([]);
  });

  it('into files that are there', () => {
    const gone = TREE.flatMap(({ path, imports }) =>
      imports.flatMap(({ target }) => (target === null || exists(target) ? [] : `${path} imports ${target}`)),
    );
    expect(gone).toEqual([]);
  });

  it('in rooms that are there', () => {
    expect(ROOMS.filter(({ place }) => !exists(place))).toEqual([]);
  });
});

describe('the rules of the house', () => {
  it('time, chance and the process are passed in (S12)', () => {
    expect(bannedUses(TREE)).toEqual([]);
  });

  it('tests neither sleep nor roll dice of their own', () => {
    expect(sleepsInTests(TREE)).toEqual([]);
  });

  it('no exception outlives its reason', () => {
    expect([...idleExceptions(TREE, EXCEPTIONS), ...idleExceptions(TREE, TEST_EXCEPTIONS)]).toEqual([]);
  });

  it('core is pure and synchronous', () => {
    expect(impureCore(TREE)).toEqual([]);
  });

  it('types are not loosened', () => {
    expect(looseTypes(TREE)).toEqual([]);
  });

  it('no rule is silenced, nothing is left for later', () => {
    expect(bannedComments(TREE)).toEqual([]);
  });

  it(`no file is longer than ${LINES_AT_MOST} lines`, () => {
    expect(longFiles(TREE)).toEqual([]);
  });
});

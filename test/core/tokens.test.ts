import { describe, expect, it } from 'vitest';
import { TOKENS_AT_MOST } from '../../daemon/core/access.ts';
import type { Token } from '../../daemon/core/model.ts';
import { ANNA, answered, events, Home } from './home.ts';

describe('tokens', () => {
  function token(id: string, expiresUpMs: number | null = null): Token {
    const use = expiresUpMs === null ? 'api' : 'session';
    return { id, name: id, role: 'viewer', secretHash: `hash of ${id}`, use, createdWallMs: 0, expiresUpMs };
  }
  const create = (home: Home, id: string, expiresUpMs: number | null = null) =>
    home.decide({ kind: 'create_token', token: token(id, expiresUpMs), who: ANNA });
  const revoke = (home: Home, id: string) => home.decide({ kind: 'revoke_token', id, who: ANNA });
  const ids = (home: Home) => [...home.state.tokens.values()].map(({ id }) => id);

  it('are created and revoked, each on record', () => {
    const home = new Home();
    expect(events(create(home, 'a'))).toEqual(['token_created']);
    expect(ids(home)).toEqual(['a']);
    expect(events(revoke(home, 'a'))).toEqual(['token_revoked']);
    expect(ids(home)).toEqual([]);
    expect(answered(revoke(home, 'a').reply)).toBe('not_found');
  });

  it('expired sessions leave when a new token comes, counted in uptime', () => {
    const home = new Home();
    create(home, 'session', 1000);
    create(home, 'later', 2000);
    home.upMs = 1000;
    create(home, 'api');
    expect(ids(home)).toEqual(['later', 'api']);
  });

  it('are bounded; expired ones do not count', () => {
    const home = new Home();
    for (let i = 0; i < TOKENS_AT_MOST; i++) create(home, `t${i}`, i === 0 ? 1000 : null);
    expect(answered(create(home, 'one more').reply)).toBe('conflict');
    home.upMs = 1000;
    expect(answered(create(home, 'one more').reply)).toBe('done');
  });
});

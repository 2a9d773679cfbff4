import { describe, expect, it } from 'vitest';
import { PROBLEMS, Problem, type ProblemCode } from '../../daemon/http/problems.ts';

/** The rows of the contract (api.md, "HTTP"), as they stand there. */
const CONTRACT = `
| \`invalid_request\` / \`too_large\` | 400 / 413 |
| \`unauthorized\` / \`forbidden\` | 401 / 403 |
| \`capacity_exceeded\` | 403 |
| \`not_found\` | 404 |
| \`conflict\`, \`superseded\`, \`lock_held\`, \`already_held\` | 409 |
| \`idempotency_key_reused\` | 422 |
| \`locked\` | 423 |
| \`rate_limited\` | 429 |
| \`relay_unreachable\` | 502 |
| \`queue_full\`, \`ledger_unavailable\` | 503 |
`;

function rows(): [code: string, status: number][] {
  return CONTRACT.trim()
    .split('\n')
    .flatMap((line) => {
      const codes = [...line.matchAll(/`(\w+)`/g)].map(([, code = '']) => code);
      const statuses = [...line.matchAll(/\b(\d{3})\b/g)].map(([status]) => Number(status));
      return codes.map((code, i): [string, number] => [code, statuses[i] ?? statuses[0] ?? 0]);
    });
}

describe('the catalogue of problems', () => {
  it.each(rows())('%s has the status %i of the contract', (code, status) => {
    expect(PROBLEMS[code as ProblemCode]?.status).toBe(status);
  });

  it.each(['rate_limited', 'queue_full', 'ledger_unavailable'] as const)('%s says when to try again', (code) => {
    expect(Number(new Problem(code, 'x').headers()['retry-after'])).toBeGreaterThanOrEqual(1);
  });

  it('rounds the wait up, so that nobody comes back too early', () => {
    expect(new Problem('rate_limited', 'x', { retryAfterS: 3.2 }).headers()['retry-after']).toBe('4');
  });

  it('has the members of RFC 9457 and those of its code', () => {
    const body = JSON.parse(new Problem('conflict', 'taken', { fields: { holder: 'me' } }).body());
    expect(body).toEqual({
      type: 'urn:voltsafe:problem:conflict',
      title: PROBLEMS.conflict.title,
      status: 409,
      code: 'conflict',
      detail: 'taken',
      holder: 'me',
    });
  });
});

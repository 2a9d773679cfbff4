import type { z } from 'zod';
import type { Input } from '../core/inputs.ts';
import type { Who } from '../core/model.ts';
import { ControlError } from './control-wire.ts';
import type { TokenDesk } from './ports.ts';

/** Whoever may open the control socket owns the ledger's files: that is more than any role. */
export const WHO: Who = { principal: 'cli', name: 'command line', role: 'admin', source: 'cli' };

/** Asks the hub, or the ledger; a refusal is thrown in its words. */
export async function decide(desk: TokenDesk, input: Input): Promise<void> {
  const answer = await desk.ask(input);
  if (!answer.ok) throw new ControlError(answer.refusal.code, answer.refusal.detail);
}

/** What came over the control socket, as it is meant. */
export function read<T>(schema: z.ZodType<T>, params: unknown): T {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ControlError('invalid_request', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`);
}

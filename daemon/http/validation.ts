import type { FastifySchemaCompiler, FastifyServerOptions } from 'fastify';
import type { core, ZodType } from 'zod';
import { HTTP_LIMITS } from './limits.ts';
import { type FieldError, Problem } from './problems.ts';

/** Runs the zod schemas of the routes; what they find becomes one `invalid_request` with a line per field. */
const validatorCompiler: FastifySchemaCompiler<ZodType> =
  ({ schema, httpPart }) =>
  (data: unknown) => {
    if (httpPart === 'body' && (data === null || data === undefined)) {
      return { error: Problem.invalid([{ path: '', message: 'a JSON object is needed as body' }]) };
    }
    const result = schema.safeParse(data);
    if (result.success) return { value: result.data };
    return { error: Problem.invalid(fieldErrorsOf(result.error)) };
  };

/** Answers are built by our own code from typed views: checking them again would only cost time. */
const serializerCompiler = () => JSON.stringify;

/**
 * Given at birth, so that Fastify does not load ajv and a generator of serialisers: 4 MB that zod makes superfluous.
 * (Its types know no other compilers than those two.)
 */
export const schemaController = {
  compilersFactory: { buildValidator: () => validatorCompiler, buildSerializer: () => serializerCompiler },
} as unknown as NonNullable<FastifyServerOptions['schemaController']>;

/** A line per field, as many as anybody reads. */
export function fieldErrorsOf({ issues }: { readonly issues: readonly core.$ZodIssue[] }): FieldError[] {
  return issues.flatMap(fieldErrors).slice(0, HTTP_LIMITS.errorsListed);
}

function fieldErrors(issue: core.$ZodIssue): FieldError[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: wordsFor(issue) }];
  return issue.keys.map((key) => ({
    path: [...path, key.slice(0, 100)].join('.'),
    message: 'is not a field of this request',
  }));
}

function wordsFor(issue: core.$ZodIssue): string {
  return issue.message.replace(/^Invalid input: /, '');
}

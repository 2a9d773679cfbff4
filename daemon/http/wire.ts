/** The contract of api.md as zod schemas: the one place where the names that clients use are written down. */
export * from './wire/answers.ts';
export * from './wire/history.ts';
export * from './wire/lock-requests.ts';
export * from './wire/locks.ts';
export * from './wire/requests.ts';
export { type ProblemBody, problem } from './wire/words.ts';

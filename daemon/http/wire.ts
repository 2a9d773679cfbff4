/** The contract of api.md as zod schemas: the one place where the names that clients use are written down. */
export * from './wire/answers.ts';
export * from './wire/requests.ts';

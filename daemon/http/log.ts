/** The part of pino that this edge uses. Neither tokens, cookies nor secrets are ever given to it. */
export interface HttpLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

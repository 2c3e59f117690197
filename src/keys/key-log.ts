/** What the keys report about themselves: never key material. A pino logger fits. */
export type KeyLog = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
};

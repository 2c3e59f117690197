/** Where the front door writes. Fields never hold a token, a secret or metadata. */
export type CallLog = Readonly<Record<LogLevel, (fields: object, message: string) => void>> & {
  isLevelEnabled(level: LogLevel): boolean;
};

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Where the front door writes. Fields never hold a token, a secret or metadata. */
export type CallLog = Readonly<Record<"debug" | "info" | "warn" | "error", (fields: object, message: string) => void>>;

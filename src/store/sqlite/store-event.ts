/** What the operator is told. */
export type SqliteStoreEvent = {
  level: "info" | "warn" | "error";
  event: "store_opened" | "store_closed" | "store_rollback" | "store_healed";
  message: string;
};

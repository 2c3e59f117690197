import { KEEP_MARGIN_MS, LOG_RETENTION_MS, PURGE_BATCH } from "../retention.ts";
import type { Connection } from "./connection.ts";
import { integerOrNull } from "./row.ts";

/** Inside a transaction. @returns how many rows went. */
export function purge(connection: Connection, now: number): number {
  const { statements } = connection;
  // A revocation's margin is part of its keep-until.
  const revocations = statements.purgeLive.run(now, PURGE_BATCH);
  const families = statements.purgeFamilies.run(now - KEEP_MARGIN_MS, PURGE_BATCH);
  const opaqueTokens = statements.purgeOpaqueTokens.run(now - KEEP_MARGIN_MS, PURGE_BATCH);
  const replays = statements.purgeReplays.run(now, PURGE_BATCH);
  const networks = statements.purgeNetworks.run(now, PURGE_BATCH);
  const entries = trimLog(connection, now - LOG_RETENTION_MS);
  const deletions = [revocations, families, opaqueTokens, replays, networks];
  return deletions.reduce((count, { changes }) => count + Number(changes), entries);
}

/** The position trimmed to is recorded: whoever follows the log from before it must start again from the live set. */
function trimLog({ statements }: Connection, upTo: number): number {
  const row = statements.trimmable.get(upTo, PURGE_BATCH);
  const position = row === undefined ? null : integerOrNull(row, "position");
  if (position === null) {
    return 0;
  }
  statements.recordTrim.run(position);
  return Number(statements.trimLog.run(position).changes);
}

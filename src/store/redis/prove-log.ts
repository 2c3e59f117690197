import { HEARTBEAT, REVOCATIONS } from "./keys.ts";
import { decodeProof, type ProofReply } from "./log-replies.ts";
import type { RevocationsOf } from "./revocations.ts";
import type { Place } from "./taken.ts";

/** How many entries one proof brings at most: with more to come it is asked again. */
export const PROOF_ENTRIES = 1_000;

/**
 * Asks the store whether it is whole and ours, for what comes after a place, and whether it holds what is sought: of one server, at one
 * moment.
 * @throws AssayError `store_unavailable`
 */
export async function proveLog(
  of: RevocationsOf,
  incarnation: string,
  after: Place,
  sought: readonly string[],
): Promise<ProofReply> {
  const { log, live, meta } = REVOCATIONS;
  const { appended } = of.kept;
  const reply = await of.connections.durably(
    "assayProveLogBuffer",
    log,
    live,
    meta,
    HEARTBEAT,
    incarnation,
    after.id,
    after.digest,
    appended?.incarnation === incarnation ? appended.id : "",
    PROOF_ENTRIES,
    of.connections.replicas > 0 ? "1" : "0",
    sought.join(","),
  );
  return decodeProof(reply, incarnation);
}

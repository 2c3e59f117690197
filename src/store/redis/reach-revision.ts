import { parseRevision } from "../revision.ts";
import { REVOCATIONS } from "./keys.ts";
import { storeUnavailable } from "./redis-error.ts";
import type { RevocationsOf } from "./revocations.ts";

/**
 * Resolves when everything up to the revision has been taken, or what was lost of it has been put back and taken. What was taken before
 * counts for nothing by itself: the store may have gone back since.
 * @param proveAnew takes everything that the store holds when it is called
 * @throws AssayError `store_unavailable`; `invalid_request` for what is no revision
 */
export async function reachRevision(
  of: RevocationsOf,
  revision: string,
  proveAnew: () => Promise<void>,
): Promise<void> {
  const { incarnation, position } = parseRevision(revision);
  of.gate.pass();
  const { log, meta } = REVOCATIONS;
  if ((await of.connections.run("assaySeekEntry", log, meta, incarnation, position)) !== 1) {
    throw storeUnavailable("the store does not know the revision, and has not been healed since it was lost");
  }
  await proveAnew();
}

import type { Caller } from "./caller.ts";
import type { Environment } from "./environment.ts";

/**
 * Waits until the view may be judged by. Callers that allow it are served at once from a view that was proved a while ago: JWTs
 * alone, since all else needs the store anyway.
 * @returns how long ago, in milliseconds, where that is longer than it should be
 * @throws AssayError `store_unavailable`
 */
export async function settleFor(
  { revocations }: Environment,
  caller: Caller,
  { isJwt }: { isJwt: boolean },
): Promise<number | undefined> {
  const settled = revocations.settle();
  if (settled === undefined) return undefined;
  const staleForMs = revocations.staleForMs();
  if (isJwt && staleForMs <= caller.serveStaleForMs) {
    // It goes on for others; that it failed is said by how stale the answers are.
    settled.catch(() => undefined);
    return staleForMs;
  }
  await settled;
  return undefined;
}

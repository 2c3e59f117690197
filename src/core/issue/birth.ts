import type { Environment } from "../environment.ts";
import { selectorDigest } from "../selector.ts";

/**
 * The birth of a family that begins now, in milliseconds. A subject or client that was revoked in this very millisecond, or by
 * an instance whose clock is a little ahead, gets a birth after that cut-off: who begins after a revocation is not hit by it.
 * @throws AssayError `store_unavailable`
 */
export async function birthNow(environment: Environment, sub: string, clientId: string): Promise<number> {
  const iss = environment.issuer;
  const found = await environment.store.revocations.find([
    selectorDigest(environment.keys.selector, { kind: "subject", iss, sub }),
    selectorDigest(environment.keys.selector, { kind: "client", iss, client_id: clientId }),
  ]);
  const cutOffs = found.map((revocation) => revocation?.cutOff ?? 0);
  return Math.max(Math.floor(environment.store.clock.now()), ...cutOffs.map((cutOff) => cutOff + 1));
}

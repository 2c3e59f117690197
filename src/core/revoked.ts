import type { Environment } from "./environment.ts";
import { selectorDigest, selectorsOf } from "./selector.ts";
import type { Origin } from "./token/verified-token.ts";

/**
 * Whether a live revocation names a token or anything it came from: an absolute one, or one whose cut-off is not before the
 * birth of what it names. One round trip, however many origins there are.
 * @throws AssayError `store_unavailable`: in doubt nobody is told "not revoked"
 */
export async function isRevoked(environment: Environment, origins: readonly Origin[]): Promise<boolean> {
  const named = new Map<string, { digest: Buffer; birth: number }>();
  for (const origin of origins) {
    for (const selector of selectorsOf(origin)) {
      const digest = selectorDigest(environment.keys.selector, selector);
      const known = named.get(digest.toString("latin1"));
      named.set(digest.toString("latin1"), { digest, birth: Math.min(origin.birth, known?.birth ?? origin.birth) });
    }
  }
  const candidates = [...named.values()];
  const found = await environment.store.revocations.find(candidates.map(({ digest }) => digest));
  return candidates.some(({ birth }, index) => {
    const revocation = found[index];
    return revocation !== undefined && (revocation.cutOff === undefined || birth <= revocation.cutOff);
  });
}

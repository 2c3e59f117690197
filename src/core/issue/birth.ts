import type { Authority } from "../environment.ts";
import { AssayError } from "../error.ts";
import { packMarks } from "../revocations/marks.ts";
import { selectorDigestText } from "../selector.ts";

/** What clocks of instances may differ by. A cut-off further ahead than that is not waited for. */
const MAX_WAIT_MS = 1_000;

/**
 * The birth of a family that begins now, in milliseconds. A subject or client that was revoked in this very millisecond, or by
 * an instance whose clock is a little ahead, is born when that cut-off has passed: who begins after a revocation is not hit by
 * it. It is waited for, since a birth in the future would escape the next revocation: at another instance, whose clock is nearer
 * to the store's, that may come at once.
 * @throws AssayError `store_unavailable`
 */
export async function birthNow(environment: Authority, sub: string, clientId: string): Promise<number> {
  const iss = environment.issuer;
  const { keys, revocations, store } = environment;
  const subject = selectorDigestText(keys.selector, { kind: "subject", iss, sub });
  const client = selectorDigestText(keys.selector, { kind: "client", iss, client_id: clientId });
  const { clock } = store;
  const started = performance.now();
  await revocations.settle();
  for (;;) {
    const birth = Math.floor(clock.earliest?.() ?? clock.now());
    const named = packMarks([subject, client].map((digest) => [digest, birth]));
    if (!revocations.nameOneOf(named)) return birth;
    if (performance.now() - started > MAX_WAIT_MS) {
      throw new AssayError("store_unavailable", "a revocation lies ahead of the store's clock: try again in a second");
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

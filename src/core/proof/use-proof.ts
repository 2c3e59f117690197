import type { Caller } from "../caller.ts";
import type { Environment } from "../environment.ts";
import { keyedDigest } from "../derived-keys.ts";
import { type DpopProof } from "./dpop.ts";
import { currentNonce, isNonceCurrent } from "./dpop-nonce.ts";

/** What a proof is used for, by which a retry of the caller's is told from a replay. */
export type ProofPurpose = {
  operation: "introspect" | "refresh" | "exchange";
  token: string;
  requestId: string | undefined;
};

export type ProofUsed = "used" | "replayed" | { nonceRequired: string };

/** How long a use is remembered beyond the proof's own end: instances may be this far apart. In milliseconds. */
const MARGIN_MS = 5_000;

/**
 * Uses a proof that is good in every other respect, once (RFC 9449 section 11.1). Remembered for each caller by itself, so that a
 * proxy and the service behind it may both ask about one request; the same call asked again under its request id is no replay.
 * @throws AssayError `store_unavailable`, `store_full`
 */
export async function useProof(
  environment: Environment,
  caller: Caller,
  proof: DpopProof,
  purpose: ProofPurpose,
): Promise<ProofUsed> {
  const { dpop, keys, store } = environment;
  const now = store.clock.now();
  if (dpop.requireNonce && !isNonceCurrent(keys.nonce, now, proof.nonce))
    return { nonceRequired: currentNonce(keys.nonce, now) };

  const { operation, token, requestId } = purpose;
  const key = keyedDigest(keys.selector, ["dpop-proof", caller.name, proof.jkt, proof.jti, proof.htu]);
  const request =
    requestId === undefined ? undefined : keyedDigest(keys.selector, ["dpop-request", operation, requestId, token]);
  const expiresAt = (proof.iat + dpop.maxAge) * 1_000 + MARGIN_MS;
  return (await store.replays.remember(key, request, expiresAt)) === "replayed" ? "replayed" : "used";
}

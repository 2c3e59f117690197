import { type Caller, requirePermission } from "../caller.ts";
import { keyedDigest } from "../derived-keys.ts";
import type { Authority } from "../environment.ts";
import { AssayError } from "../error.ts";
import type { ProofUse } from "../ports.ts";

export type RememberProofRequest = {
  /** 16 bytes each. */
  key: Buffer;
  request: Buffer | undefined;
  /** Milliseconds. */
  expiresAt: number;
};

const GREATEST_MEMORY_MS = 3_600_000;

/**
 * Remembers the use of a proof for a verifier, apart from those of all other callers.
 * @throws AssayError `permission_missing`, `invalid_request`, `store_unavailable`, `store_full`
 */
export async function rememberProof(
  { keys, store }: Authority,
  caller: Caller,
  { key, request, expiresAt }: RememberProofRequest,
): Promise<ProofUse> {
  requirePermission(caller, "introspect");
  const now = store.clock.now();
  if (expiresAt <= now) throw outOfBounds("has passed: the proof is too old to be used");
  if (expiresAt > now + GREATEST_MEMORY_MS) throw outOfBounds("must be an hour from now at most");
  const own = keyedDigest(keys.selector, ["verifier-proof", caller.name, key.toString("hex")]);
  return store.replays.remember(own, request, expiresAt);
}

function outOfBounds(description: string): AssayError {
  return new AssayError("invalid_request", `the request is invalid: expires_at_ms ${description}`, {
    fields: [{ field: "expires_at_ms", description }],
  });
}

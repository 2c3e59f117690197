import { type Caller, requirePermission } from "../caller.ts";
import type { Authority } from "../environment.ts";
import { AssayError } from "../error.ts";

export type CountNetworksRequest = {
  /** 16 bytes each. */
  token: Buffer;
  network: Buffer;
  /** Milliseconds. */
  windowMs: number;
};

const SHORTEST_WINDOW_MS = 1_000;
const LONGEST_WINDOW_MS = 3_600_000;

/**
 * Counts for a verifier what all instances count together. One that lies can make a token look as if it were used from everywhere, as any
 * caller can by the addresses that it forwards.
 * @throws AssayError `permission_missing`, `invalid_request`, `store_unavailable`, `store_full`
 */
export async function countForVerifier(
  { store }: Authority,
  caller: Caller,
  { token, network, windowMs }: CountNetworksRequest,
): Promise<number> {
  requirePermission(caller, "introspect");
  if (windowMs < SHORTEST_WINDOW_MS) throw outOfBounds("must be at least a second");
  if (windowMs > LONGEST_WINDOW_MS) throw outOfBounds("must be an hour at most");
  return store.networks.count(token, network, windowMs);
}

function outOfBounds(description: string): AssayError {
  return new AssayError("invalid_request", `the request is invalid: window ${description}`, {
    fields: [{ field: "window", description }],
  });
}

import { type Caller, requirePermission } from "./caller.ts";
import type { Authority } from "./environment.ts";
import type { Secret } from "./secret.ts";
import { type Payload, toPayload } from "./token/payload.ts";
import type { OwnToken } from "./token/verified-token.ts";
import { beyondReach } from "./within-reach.ts";

export type ToldToken = {
  /** As a JWT would say them. `origins` are those of an opaque token that came from others; a refresh token's `aud` is empty. */
  payload: Payload;
  /** Of a refresh token. */
  standing?: OwnToken["standing"];
  /** The key of a refresh token's family. */
  keyId?: string;
};

/** Why nothing is told. */
export type Untold = "unknown" | "unknown_key";

/**
 * What a verifier is told of an opaque or a refresh token: whether it is alive and unrevoked it judges itself.
 * @returns `unknown` when the token is not genuine, or is meant for others than the caller; `unknown_key` when it names a key that is not known here
 * @throws AssayError `permission_missing`, `store_unavailable`, `keys_unavailable`, `call_gone`
 */
export async function recogniseForVerifier(
  environment: Authority,
  caller: Caller,
  token: Secret,
): Promise<ToldToken | Untold> {
  const reach = requirePermission(caller, "introspect");
  const recognised = await environment.recogniseOwn(environment, token.reveal());
  if (recognised === "unknown_key") return recognised;
  if (typeof recognised === "string" || beyondReach(environment, caller, reach, recognised) !== undefined)
    return "unknown";
  const { kind, claims, standing, origins } = recognised;
  const [{ kid }, ...ancestors] = origins;
  const payload = toPayload(claims);
  if (kind === "access") return { payload: ancestors.length === 0 ? payload : { ...payload, origins: ancestors } };
  return { payload, standing, ...(kid === undefined ? {} : { keyId: kid }) };
}

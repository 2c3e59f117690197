import type { Verifier } from "../../core/environment.ts";
import type { Act } from "../../core/signals/actions.ts";
import { RevokeRequest, RevokeResponse } from "../../gen/assay/v1/token_service.ts";
import { FORWARDED, WITHOUT_CERTIFICATE } from "./forwarded.ts";

/**
 * What a verifier has done about a token that is misused: it asks its authority, as itself. It needs the permission `revoke` there.
 * @throws AssayError `store_unavailable`; PassedOn where the authority refuses it
 */
export async function revokeUpstream(environment: Verifier, act: Act): Promise<void> {
  const request = RevokeRequest.encode(
    RevokeRequest.fromPartial({ ...namedBy(act), reason: `signal: ${act.cause}` }),
  ).finish();
  const headers = { [FORWARDED]: WITHOUT_CERTIFICATE };
  const answer = await environment.upstream.forward("Revoke", Buffer.from(request), { call: undefined, headers });
  const { revision } = RevokeResponse.decode(answer);
  if (revision !== undefined) await environment.reachEverywhere(revision);
}

function namedBy({ action, suspect: { iss, sid, jti } }: Act): Pick<RevokeRequest, "selector" | "iss"> {
  if (action === "revoke_family" && sid !== undefined) return { selector: { $case: "sid", value: sid }, iss };
  if (jti !== undefined) return { selector: { $case: "token_id", value: { iss, jti } }, iss: "" };
  throw new Error("a token without jti cannot be named to an authority");
}

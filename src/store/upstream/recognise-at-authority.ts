import type { RecogniseOwn } from "../../core/environment.ts";
import type { InactiveReason } from "../../core/inactive-reason.ts";
import type { Claims } from "../../core/token/claims.ts";
import { isOpaqueToken } from "../../core/token/opaque-token.ts";
import { ownOrigin, readOrigins } from "../../core/token/origins.ts";
import { readClaims } from "../../core/token/read-claims.ts";
import { decodeRefreshToken, REFRESH_PREFIX } from "../../core/token/refresh-token.ts";
import { isObject } from "../../core/token/strict-json.ts";
import { birthOf } from "../../core/token/uuid.ts";
import type { OwnToken } from "../../core/token/verified-token.ts";
import {
  AuthorityServiceService,
  type RecogniseRequest,
  type RecogniseResponse,
  Standing,
} from "../../gen/assay/v1/authority_service.ts";
import type { Authorities } from "./authorities.ts";
import { asUnavailable } from "./upstream-error.ts";

const STANDINGS: ReadonlyMap<number, OwnToken["standing"]> = new Map([
  [Standing.STANDING_CURRENT, "current"],
  [Standing.STANDING_SUPERSEDED, "superseded"],
  [Standing.STANDING_DEAD, "dead"],
]);
/** In place of the empty list of a refresh token, which is meant for us alone. */
const NOBODY = "-";

/** A verifier's way: what has the form of a token of ours is shown to an authority. */
export function recogniseAtAuthority(authorities: Pick<Authorities, "ask">): RecogniseOwn {
  const ask = async (
    request: RecogniseRequest,
    call: Parameters<RecogniseOwn>[0]["call"],
  ): Promise<RecogniseResponse> => {
    try {
      return await authorities.ask(AuthorityServiceService.recognise, request, { call, isRepeatable: true });
    } catch (error) {
      throw asUnavailable(error);
    }
  };
  return async ({ call, issuer }, token) => {
    const isRefresh = token.startsWith(REFRESH_PREFIX);
    // Garbage dies without a question.
    const sid = isRefresh ? decodeRefreshToken(token)?.sid : undefined;
    if (isRefresh ? sid === undefined : !isOpaqueToken(token)) return "malformed";
    const answer = await ask({ token }, call);
    if (answer.claims === "") return answer.unknown_key ? "unknown_key" : "unknown";
    const found = sid === undefined ? accessToken(answer) : refreshToken(answer, sid);
    if (typeof found !== "string" && found.claims.iss !== issuer) return "issuer_not_trusted";
    return found;
  };
}

function accessToken(answer: RecogniseResponse): OwnToken | InactiveReason {
  const claims = readClaims(payloadOf(answer));
  if (claims === undefined || answer.standing !== Standing.STANDING_UNSPECIFIED) throw notUnderstood();
  const { origins: carried, ...extra } = claims.extra;
  const origin = ownOrigin(claims, undefined);
  const ancestors = readOrigins(carried);
  if (origin === undefined || ancestors === undefined) return "invalid_claims";
  return {
    kind: "access",
    claims: { ...claims, extra },
    origins: [origin, ...ancestors],
    leeway: 0,
    standing: "current",
  };
}

function refreshToken(answer: RecogniseResponse, sid: string): OwnToken {
  const claims = readClaims({ ...payloadOf(answer), aud: NOBODY });
  const standing = STANDINGS.get(answer.standing);
  const birth = birthOf(sid);
  if (claims === undefined || standing === undefined || birth === undefined || answer.key_id === "")
    throw notUnderstood();
  const own: Claims = { ...claims, aud: [] };
  const { iss, sub, client_id } = own;
  const origin = { iss, birth, sid, sub, client_id, kid: answer.key_id };
  return { kind: "refresh", claims: own, origins: [origin], leeway: 0, standing };
}

function payloadOf({ claims }: RecogniseResponse): Readonly<Record<string, unknown>> {
  let payload: unknown;
  try {
    payload = JSON.parse(claims);
  } catch {
    // Without the cause, which quotes what it read.
  }
  if (isObject(payload)) return payload;
  throw notUnderstood();
}

function notUnderstood(): Error {
  return new Error("an authority told a token in a way that is not understood here");
}

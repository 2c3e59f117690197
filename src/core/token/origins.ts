import { createHash } from "node:crypto";
import type { Claims } from "./claims.ts";
import { isObject } from "./strict-json.ts";
import { birthOf } from "./uuid.ts";
import type { Origin } from "./verified-token.ts";

/** How many tokens one may have come from: an exchange adds its subject's and its actor's, each with their own. */
export const MAX_ORIGINS = 8;

/** What a revocation can name of a token of ours. Undefined where it says no birth. */
export function ownOrigin(claims: Claims, kid: string | undefined): Origin | undefined {
  const birth = claims.sid === undefined ? undefined : birthOf(claims.sid);
  if (birth === undefined || claims.jti === undefined || birthOf(claims.jti) === undefined) return undefined;
  return {
    iss: claims.iss,
    birth,
    jti: claims.jti,
    sid: claims.sid,
    sub: claims.sub,
    client_id: claims.client_id,
    kid,
  };
}

/** A foreign token has no birth but its `iat`, which its issuer's clock may have set too late by the leeway. */
export function foreignOrigin(claims: Claims, kid: string | undefined, leeway: number, signedPart: string): Origin {
  return {
    iss: claims.iss,
    birth: (claims.iat - leeway) * 1_000,
    jti: claims.jti,
    digest: claims.jti === undefined ? createHash("sha256").update(signedPart).digest("base64url") : undefined,
    sid: claims.sid,
    sub: claims.sub,
    client_id: claims.client_id,
    kid,
  };
}

/** The origins that a token of ours carries in its claim `origins`; undefined when they are not of that shape. */
export function readOrigins(value: unknown): Origin[] | undefined {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > MAX_ORIGINS) return undefined;
  const origins = value.map(readOrigin);
  return origins.every((origin) => origin !== undefined) ? origins : undefined;
}

function readOrigin(value: unknown): Origin | undefined {
  if (!isObject(value)) return undefined;
  const { iss, birth, ...names } = value;
  if (typeof iss !== "string" || typeof birth !== "number" || !Number.isSafeInteger(birth)) return undefined;
  const { jti, digest, sid, sub, client_id, kid } = names;
  if (!isName(jti) || !isName(digest) || !isName(sid) || !isName(sub) || !isName(client_id) || !isName(kid))
    return undefined;
  return { iss, birth, jti, digest, sid, sub, client_id, kid };
}

function isName(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}

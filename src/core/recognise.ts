import { type Admission, isInUse } from "./admission.ts";
import type { Environment } from "./environment.ts";
import type { InactiveReason } from "./inactive-reason.ts";
import type { Recognised } from "./recognised.ts";
import type { TokenRecord } from "./remembered/token-record.ts";
import { marksOf } from "./revocations/marks.ts";
import { OPAQUE_PREFIX } from "./token/opaque-token.ts";
import { REFRESH_PREFIX } from "./token/refresh-token.ts";
import type { OwnToken } from "./token/verified-token.ts";
import { tokenDigest } from "./token/token-digest.ts";
import { verifyJwt } from "./verify-jwt.ts";

/** In characters. */
export const MAX_TOKEN_LENGTH = 16_384;

/** Where a token lies that was verified before, if it need not be verified again. */
export function find({ rememberedTokens }: Environment, token: string): TokenRecord | undefined {
  return token.length > MAX_TOKEN_LENGTH ? undefined : rememberedTokens.find(token);
}

/**
 * Whose token this is, if it is genuine. Says nothing yet about whether it is alive, revoked or meant for anybody.
 * @throws AssayError `store_unavailable`, `keys_unavailable`, `rate_limited`, `call_gone`
 */
export async function recognise(environment: Environment, token: string): Promise<Recognised | InactiveReason> {
  return recall(environment, token) ?? recogniseAnew(environment, token);
}

/** The same of a JWT: what is none is malformed. */
export async function recogniseJwt(environment: Environment, token: string): Promise<Recognised | InactiveReason> {
  return recall(environment, token) ?? shared(environment, token, verifiedAnew);
}

function recall({ rememberedTokens }: Environment, token: string): Recognised | undefined {
  return token.length > MAX_TOKEN_LENGTH ? undefined : rememberedTokens.recall(token);
}

/**
 * The same of a token that is not remembered. The form decides, not the caller's hint: a hint could only be wrong (RFC 7662
 * section 2.1). How a refresh token stands in its family changes with every rotation: none is ever remembered.
 */
async function recogniseAnew(environment: Environment, token: string): Promise<Recognised | InactiveReason> {
  if (token.startsWith(REFRESH_PREFIX))
    return token.length > MAX_TOKEN_LENGTH ? "malformed" : lookedUp(environment, token);
  return shared(environment, token, token.startsWith(OPAQUE_PREFIX) ? lookedUp : verifiedAnew);
}

type Recognise = (environment: Environment, token: string) => Promise<Recognised | InactiveReason>;

/** Who comes while a token is seen for the first time gets what comes of it, unless a key has come or gone since that began. */
async function shared(
  environment: Environment,
  token: string,
  recognising: Recognise,
): Promise<Recognised | InactiveReason> {
  if (token.length > MAX_TOKEN_LENGTH) return "malformed";
  return environment.firstSights(environment.call, tokenDigest(token), {
    run: (call) => recognising(call === undefined ? environment : { ...environment, call }, token),
    serves: (came) => (typeof came === "string" ? came !== "unknown_key" : isStillAdmitted(came)),
  });
}

async function lookedUp(environment: Environment, token: string): Promise<Recognised | InactiveReason> {
  const found = await environment.recogniseOwn(environment, token);
  return typeof found === "string" ? found : marked(environment, found, undefined);
}

async function verifiedAnew(environment: Environment, token: string): Promise<Recognised | InactiveReason> {
  const verified = await verifyJwt(environment, token);
  if (typeof verified === "string") return verified;
  const { admission, ...found } = verified;
  return marked(environment, { ...found, standing: "current" }, admission);
}

function marked({ keys }: Environment, token: OwnToken, admission: Admission | undefined): Recognised {
  const marks = marksOf(keys.selector, token.origins);
  return { ...token, marks, admission, isJwt: admission !== undefined, isRemembered: false };
}

function isStillAdmitted({ admission }: Recognised): boolean {
  return admission === undefined || isInUse(admission);
}

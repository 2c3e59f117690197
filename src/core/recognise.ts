import type { Environment } from "./environment.ts";
import type { InactiveReason } from "./inactive-reason.ts";
import type { Admission, Recognised } from "./recognised.ts";
import { marksOf } from "./revocations/marks.ts";
import { OPAQUE_PREFIX } from "./token/opaque-token.ts";
import { REFRESH_PREFIX } from "./token/refresh-token.ts";
import type { OwnToken } from "./token/verified-token.ts";
import { verifyJwt } from "./verify-jwt.ts";

/** In characters. */
export const MAX_TOKEN_LENGTH = 16_384;

/**
 * Whose token this is, if it is genuine. Says nothing yet about whether it is alive, revoked or meant for anybody.
 * The form decides, not the caller's hint: a hint could only be wrong (RFC 7662 section 2.1).
 * @throws AssayError `store_unavailable`, `keys_unavailable`, `call_gone`
 */
export async function recognise(environment: Environment, token: string): Promise<Recognised | InactiveReason> {
  const isRefreshToken = token.startsWith(REFRESH_PREFIX);
  if (!isRefreshToken && !token.startsWith(OPAQUE_PREFIX)) return recogniseJwt(environment, token);
  if (token.length > MAX_TOKEN_LENGTH) return "malformed";
  // How one stands in its family changes with every rotation: it is never remembered.
  const remembered = isRefreshToken ? undefined : environment.rememberedTokens.get(token);
  if (remembered !== undefined) return remembered;
  const found = await environment.recogniseOwn(environment, token);
  return typeof found === "string" ? found : marked(environment, found, undefined);
}

/** The same of a JWT: what is none is malformed. @throws AssayError `keys_unavailable`, `store_unavailable`, `rate_limited`, `call_gone` */
export async function recogniseJwt(environment: Environment, token: string): Promise<Recognised | InactiveReason> {
  if (token.length > MAX_TOKEN_LENGTH) return "malformed";
  const remembered = environment.rememberedTokens.get(token);
  if (remembered !== undefined && isInUse(remembered.admission)) return remembered;
  const verified = await verifyJwt(environment, token);
  if (typeof verified === "string") return verified;
  const { admission, ...found } = verified;
  return marked(environment, { ...found, standing: "current" }, admission);
}

function marked({ keys }: Environment, token: OwnToken, admission: Admission | undefined): Recognised {
  const marks = marksOf(keys.selector, token.origins);
  return { ...token, marks, admission, isJwt: admission !== undefined, isRemembered: false };
}

/** What a key admitted is verified anew once that key may have been taken away. */
function isInUse(admission: Admission | undefined): boolean {
  return admission === undefined || admission.source.inUse() === admission.in;
}

import type { Algorithm, ForeignIssuer } from "../foreign-issuer.ts";
import { AUDIENCE, CLIENT } from "../product.ts";
import { fateOf } from "./fates.ts";

const AT_ONCE = 256;

/** So many tokens of another issuer, which the product has never seen; some have expired. */
export async function* foreignTokens(
  issuer: ForeignIssuer,
  algorithm: Algorithm,
  count: number,
): AsyncIterable<string> {
  const sign = (index: number): Promise<string> =>
    issuer.sign({
      algorithm,
      jti: `${algorithm}-${index}`,
      audience: AUDIENCE,
      clientId: CLIENT,
      isExpired: fateOf(index) === "expired",
    });
  for (let made = 0; made < count; made += AT_ONCE) {
    const length = Math.min(AT_ONCE, count - made);
    yield* await Promise.all(Array.from({ length }, (_, place) => sign(made + place)));
  }
}

import type { InactiveReason } from "../inactive-reason.ts";

export type JwsHeader = { alg: string; kid?: string };

export type HeaderRules = {
  algorithms: ReadonlySet<string>;
  types: ReadonlySet<string>;
  allowMissingType: boolean;
};

/** Members that would let a token choose its own key, be something else than a signed JWT, or change how it is read. */
const REFUSED = ["crit", "b64", "jwk", "jku", "x5u", "x5c", "enc", "zip", "cty"];
const MAX_KID_LENGTH = 255;

/** Believes nothing but `kid` and an `alg` that the rules allow (RFC 8725 sections 3.1 and 3.11, RFC 9068 section 4). */
export function readJwsHeader(
  header: Readonly<Record<string, unknown>>,
  rules: HeaderRules,
): JwsHeader | InactiveReason {
  const { alg, kid, typ } = header;
  if (REFUSED.some((member) => Object.hasOwn(header, member))) return "header_not_allowed";
  if (!isTypeAllowed(typ, rules)) return "header_not_allowed";
  if (typeof alg !== "string" || !rules.algorithms.has(alg)) return "algorithm_not_allowed";
  if (kid === undefined) return { alg };
  if (typeof kid !== "string" || kid === "" || kid.length > MAX_KID_LENGTH) return "header_not_allowed";
  return { alg, kid };
}

function isTypeAllowed(typ: unknown, { types, allowMissingType }: HeaderRules): boolean {
  if (typ === undefined) return allowMissingType;
  return typeof typ === "string" && types.has(mediaType(typ));
}

/** RFC 7515 section 4.1.9: `application/` may be left out; media types ignore case. */
function mediaType(typ: string): string {
  return typ.toLowerCase().replace(/^application\//, "");
}

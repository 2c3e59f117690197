import type { Revocation, Selector } from "../gen/assay/v1/token_service.ts";

/** What was revoked, in a sentence without its full stop. */
export function sentenceOf({
  selector,
  digest,
  born_at_or_before_ms: bornBy,
  reason,
  expires_at_ms: end,
}: Revocation): string {
  const what = selector === undefined ? `something unknown (digest ${digest.toString("base64url")})` : nameOf(selector);
  const which = bornBy === undefined ? "" : `, what was born until ${dateOf(bornBy)}`;
  const until = end === undefined ? ", for good" : "";
  return `revoked ${what}${which}${until}${reason === "" ? "" : `: ${reason}`}`;
}

/** Under the names of the contract, which are the RFCs' where they have one. */
export function jsonOf({ selector, digest, reason, ...times }: Revocation): Record<string, unknown> {
  return {
    digest: digest.toString("base64url"),
    ...(selector === undefined ? {} : { iss: selector.iss }),
    ...(selector?.names === undefined ? {} : { [selector.names.$case]: selector.names.value }),
    ...times,
    ...(reason === "" ? {} : { reason }),
  };
}

function nameOf({ iss, names }: Selector): string {
  if (names === undefined) return `the issuer ${iss}`;
  return `${KINDS[names.$case]} ${names.value} of ${iss}`;
}

const KINDS: Readonly<Record<NonNullable<Selector["names"]>["$case"], string>> = {
  jti: "the token",
  token_digest: "the token with the digest",
  sid: "the family",
  sub: "the subject",
  client_id: "the client",
  key_id: "the key",
};

function dateOf(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? String(milliseconds) : date.toISOString();
}

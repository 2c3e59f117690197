import type { Caller } from "./caller.ts";
import type { Environment } from "./environment.ts";
import type { RevokeSelector } from "./may-revoke.ts";
import { packMarks } from "./revocations/marks.ts";
import { requireIssuer, requireOwnId } from "./revoke.ts";
import { type Selector, selectorDigestText } from "./selector.ts";
import { requireWholeAdmin } from "./whole-admin.ts";

/** What can be looked up: whatever can be revoked, but a token itself. */
export type NamedSelector = Exclude<RevokeSelector, { by: "token" }>;

export type LookedUp = {
  selector: Selector;
  /** The live revocation that names it: of what was born at or before `cutOff` (milliseconds), or of all where that is absent. */
  revocation: { cutOff?: number } | undefined;
};

type Looking = Pick<Environment, "issuer" | "issuers" | "keys" | "revocations" | "store">;

/**
 * Whether a live revocation names what the selector names, as the view knows it now. Changes nothing.
 * @throws AssayError `permission_missing`, `client_not_allowed`, `invalid_request`, `store_unavailable`, `keys_unavailable`
 */
export async function lookUp(environment: Looking, caller: Caller, named: NamedSelector): Promise<LookedUp> {
  requireWholeAdmin(caller);
  const selector = selectorOf(environment, named);
  await environment.revocations.settle();
  return { selector, revocation: revocationOf(environment, selector) };
}

function selectorOf(environment: Looking, named: NamedSelector): Selector {
  const iss = requireIssuer(environment, named);
  switch (named.by) {
    case "token_id":
      requireOwnId(environment, iss, "token_id.jti", named.jti);
      return { kind: "token", iss, jti: named.jti };
    case "sid":
      requireOwnId(environment, iss, "sid", named.sid);
      return { kind: "family", iss, sid: named.sid };
    case "subject":
      return { kind: "subject", iss, sub: named.sub };
    case "client_id":
      return { kind: "client", iss, client_id: named.clientId };
    case "key_id":
      return { kind: "key", iss, kid: named.kid };
    case "issuer":
      return { kind: "issuer", iss };
  }
}

/** The view says of a birth whether it is named, and no more: the cut-off lies where that changes. */
function revocationOf({ keys, revocations, store }: Looking, selector: Selector): LookedUp["revocation"] {
  const digest = selectorDigestText(keys.selector, selector);
  const isNamed = (birth: number): boolean => revocations.nameOneOf(packMarks([[digest, birth]]));
  if (isNamed(Infinity)) return {};
  if (!isNamed(0)) return undefined;
  // A cut-off is never in the future; another instance's clock may be ahead of this one's.
  let [named, unnamed] = [0, Math.ceil(store.clock.now()) + CLOCKS_APART_MS];
  while (unnamed - named > 1) {
    const middle = Math.floor((named + unnamed) / 2);
    if (isNamed(middle)) named = middle;
    else unnamed = middle;
  }
  return { cutOff: named };
}

const CLOCKS_APART_MS = 60_000;

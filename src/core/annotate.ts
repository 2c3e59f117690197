import type { Environment } from "./environment.ts";
import { fingerprintsOf } from "./fingerprint.ts";
import type { Recognised } from "./recognised.ts";
import { contentOf, type TokenRecord } from "./remembered/token-record.ts";
import type { Annotate } from "./token-facts.ts";

/** Where nothing is traced. */
export const unannotated: Annotate = { isWanted: () => false, token: () => undefined };

/** Says on the span of the call, where that is recorded, what its token is: never what it holds. */
export function annotate(
  environment: Environment,
  token: Pick<Recognised, "kind" | "claims" | "origins" | "isJwt" | "isRemembered">,
) {
  if (!environment.annotate.isWanted()) return;
  const { kind, claims, origins, isJwt, isRemembered } = token;
  const { iss, client_id: clientId } = claims;
  environment.annotate.token({
    format: formatOf(kind, isJwt),
    issuer: iss,
    // Another issuer's client may bear any name.
    clientId: iss === environment.issuer ? clientId : undefined,
    isRemembered,
    staleForMs: environment.revocations.staleForMs(),
    ...fingerprintsOf(environment, origins[0]),
  });
}

/** The same of one that is remembered. */
export function annotateRecord(environment: Environment, known: TokenRecord): void {
  if (environment.annotate.isWanted())
    annotate(environment, { kind: "access", ...contentOf(known), isRemembered: true });
}

function formatOf(kind: Recognised["kind"], isJwt: boolean): "jwt" | "opaque" | "refresh" {
  if (kind === "refresh") return "refresh";
  return isJwt ? "jwt" : "opaque";
}

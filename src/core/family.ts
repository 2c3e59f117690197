import { appendRevocation, type RevocationTerms } from "./append-revocation.ts";
import type { Authority, TokenFormat } from "./environment.ts";
import { keyedDigest } from "./derived-keys.ts";
import { AssayError } from "./error.ts";
import type { FamilyRecord } from "./ports.ts";
import type { Acknowledgement } from "./revocation-log.ts";
import { seal, unseal } from "./sealing.ts";
import type { Claims } from "./token/claims.ts";
import { type Payload, toPayload } from "./token/payload.ts";
import { readClaims } from "./token/read-claims.ts";
import { isObject } from "./token/strict-json.ts";

/** What a family grants to each of its access tokens. Fixed at its birth; only narrower later. */
export type FamilyGrant = {
  /** Known to the family's record only: with it alone, or with a MAC key alone, no refresh token can be forged. */
  salt: Buffer;
  format: TokenFormat;
  /** Of its access tokens, in seconds. */
  lifetime: number;
  /** `iat` is the family's birth, `exp` its end. */
  claims: Claims;
};

export type Family = { id: Buffer; record: FamilyRecord; grant: FamilyGrant };

/** By which the store knows a family. */
export function familyId(environment: Pick<Authority, "keys">, sid: string): Buffer {
  return keyedDigest(environment.keys.selector, ["family-record", sid]);
}

/** @throws AssayError `store_unavailable`, `store_full` */
export function createFamily(
  environment: Authority,
  sid: string,
  grant: FamilyGrant,
  record: Pick<FamilyRecord, "macKeyId" | "rotatedAt" | "idleExpiresAt" | "expiresAt">,
): Promise<void> {
  const id = familyId(environment, sid);
  const readable = { ...grant, salt: grant.salt.toString("base64url"), claims: toPayload(grant.claims) };
  return environment.store.families.create(id, {
    ...record,
    sealed: seal(environment.keys.sealing, sealContext(id), readable),
  });
}

/** @throws AssayError `store_unavailable` */
export async function readFamily(
  environment: Pick<Authority, "keys" | "store">,
  sid: string,
): Promise<Family | undefined> {
  const id = familyId(environment, sid);
  const record = await environment.store.families.read(id);
  return record === undefined ? undefined : { id, record, grant: readGrant(environment, id, record) };
}

/**
 * A family's death: appended to the log first, so that whatever a concurrent rotation mints is dead on arrival, then marked in
 * the record. A crash between the two leaves nothing alive.
 * @throws AssayError `store_unavailable` (outcome unknown), `store_full` (nothing written)
 */
export async function killFamily(
  environment: Authority,
  sid: string,
  reason: string | undefined,
  known: Pick<RevocationTerms, "cause" | "sub"> = {},
): Promise<Acknowledgement> {
  const terms = { keep: "greatest-lifetime" as const, ...(reason === undefined ? {} : { reason }), ...known };
  const acknowledgement = await appendRevocation(environment, { kind: "family", iss: environment.issuer, sid }, terms);
  await environment.store.families.kill(familyId(environment, sid)).catch(refuseHalf);
  return acknowledgement;
}

/** A store that is full by now is no reason to say that nothing was written. */
function refuseHalf(error: unknown): never {
  if (!(error instanceof AssayError) || error.code !== "store_full") throw error;
  throw new AssayError("store_unavailable", "the store became full while the family was being revoked; retry", {
    cause: error,
  });
}

function readGrant(environment: Pick<Authority, "keys">, id: Buffer, record: FamilyRecord): FamilyGrant {
  const value = unseal(environment.keys.sealing, sealContext(id), record.sealed);
  const { salt, format, lifetime, claims: payload } = isObject(value) ? value : {};
  const claims = isObject(payload) ? readClaims(payload satisfies Payload) : undefined;
  if (
    typeof salt !== "string" ||
    (format !== "jwt" && format !== "opaque") ||
    typeof lifetime !== "number" ||
    claims === undefined
  ) {
    throw new Error("a family's sealed grant opens but is not of the known shape");
  }
  return { salt: Buffer.from(salt, "base64url"), format, lifetime, claims };
}

function sealContext(id: Buffer): string {
  return `family:${id.toString("hex")}`;
}

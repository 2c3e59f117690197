import { createPublicKey, KeyObject, type webcrypto } from "node:crypto";
import type { InactiveReason } from "../../src/core/inactive-reason.ts";
import type { TestCore } from "../support/core-environment.ts";
import { FOREIGN_HEADER, foreignPayload, type Members, OWN_HEADER, ownPayload } from "../support/honest-jwt.ts";
import { encodePart, type JwsPart, signatureOf, signJws } from "../support/sign-jws.ts";

/** An issuer whose honest token an attack starts from: ourselves, or a trusted foreign one. */
export type Party = {
  name: "own" | "foreign";
  header: Members;
  payload: Members;
  /** NumericDate. */
  now: number;
  key: webcrypto.CryptoKey;
  publicKey: KeyObject;
  /** The other of the two. */
  other: { header: Members; payload: Members; key: webcrypto.CryptoKey };
};

/** A token that must be inactive, and why. Where the two issuers differ, the reason says so. */
export type Attack = {
  name: string;
  reason: InactiveReason | Record<Party["name"], InactiveReason>;
  token(party: Party): string;
};

export function ownParty(core: TestCore): Party {
  const now = Math.floor(core.now() / 1_000);
  const own = {
    header: OWN_HEADER,
    payload: ownPayload(core.now()),
    key: core.environment.keyring.active().privateKey,
  };
  const foreign = { header: FOREIGN_HEADER, payload: foreignPayload(core.now()), key: core.foreignKey };
  return { name: "own", ...own, now, publicKey: publicKeyOf(own.key), other: foreign };
}

export function foreignParty(core: TestCore): Party {
  const { header, payload, key, other: foreign, now } = ownParty(core);
  return { name: "foreign", ...foreign, now, publicKey: publicKeyOf(foreign.key), other: { header, payload, key } };
}

/** Signed by the honest key, whatever it says. */
export function signed(party: Party, changes: { header?: JwsPart; payload?: JwsPart } = {}): string {
  return signJws(changes.header ?? party.header, changes.payload ?? party.payload, party.key);
}

/** Honest but for some members of the header; `undefined` leaves one out. */
export function withHeader(members: Members): Attack["token"] {
  return (party) => signed(party, { header: { ...party.header, ...members } });
}

export function withClaims(members: Members | ((party: Party) => Members)): Attack["token"] {
  return (party) => {
    const changes = typeof members === "function" ? members(party) : members;
    return signed(party, { payload: { ...party.payload, ...changes } });
  };
}

/** The honest token with another signature. */
export function withSignature(make: (party: Party, signedPart: string, honest: Buffer) => Buffer): Attack["token"] {
  return (party) => {
    const signedPart = `${encodePart(party.header)}.${encodePart(party.payload)}`;
    return `${signedPart}.${make(party, signedPart, signatureOf(signedPart, party.key)).toString("base64url")}`;
  };
}

function publicKeyOf(key: webcrypto.CryptoKey): KeyObject {
  return createPublicKey(KeyObject.from(key));
}

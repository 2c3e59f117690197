/** JWTs that are active, and what a test changes in them. `undefined` leaves a member out. */
import { randomBytes } from "node:crypto";
import { uuidV7 } from "../../src/core/token/uuid.ts";
import { API, FOREIGN, ISSUER, type TestCore } from "./core-environment.ts";
import { signJws } from "./sign-jws.ts";

export type Members = Record<string, unknown>;

export const OWN_HEADER: Members = { alg: "EdDSA", kid: "own", typ: "at+jwt" };
export const FOREIGN_HEADER: Members = { alg: "ES256", kid: "foreign", typ: "at+jwt" };

export function ownPayload(now: number): Members {
  const iat = Math.floor(now / 1_000);
  const ids = { sid: uuidV7(now, randomBytes(10)), jti: uuidV7(now, randomBytes(10)) };
  return { iss: ISSUER, sub: "alice", aud: API, client_id: "web", scope: "read", iat, exp: iat + 600, ...ids };
}

export function foreignPayload(now: number): Members {
  const iat = Math.floor(now / 1_000);
  const ids = { jti: randomBytes(8).toString("hex"), sid: "session-1" };
  return { iss: FOREIGN, sub: "bob", aud: API, client_id: "portal", scope: "read", iat, exp: iat + 600, ...ids };
}

export function ownJwt(core: TestCore, claims: Members = {}, header: Members = {}): string {
  const { privateKey } = core.environment.keyring.active();
  return signJws({ ...OWN_HEADER, ...header }, { ...ownPayload(core.now()), ...claims }, privateKey);
}

export function foreignJwt(core: TestCore, claims: Members = {}, header: Members = {}): string {
  return signJws({ ...FOREIGN_HEADER, ...header }, { ...foreignPayload(core.now()), ...claims }, core.foreignKey);
}

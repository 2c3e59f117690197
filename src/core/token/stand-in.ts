/**
 * Stands in for an opaque token that is not known, so that finding nothing takes the work of finding something: whoever measures the
 * time of an answer cannot tell a token that never was from one that has expired, was revoked, or is meant for others.
 */
import { randomBytes } from "node:crypto";
import { seal, unseal } from "../sealing.ts";
import { uuidV7 } from "./uuid.ts";
import type { Origin } from "./verified-token.ts";

const KEY = randomBytes(32);
const CONTEXT = "stand-in";
const ID = uuidV7(0, randomBytes(10));

/** As long, and of as many members, as what is sealed for most tokens. */
const PAYLOAD = {
  iss: "https://assay.example",
  sub: "nobody",
  aud: ["https://nowhere.example"],
  client_id: "nobody",
  scope: "nothing",
  exp: 1,
  iat: 0,
  jti: ID,
  sid: ID,
};
const SEALED = seal(KEY, CONTEXT, PAYLOAD);

/** Opens as any record does. */
export function openStandIn(): unknown {
  return unseal(KEY, CONTEXT, SEALED);
}

/** Named in as many ways as a token is, by names that no token has: others for each token, as names are. */
export function standInOrigin(iss: string, token: string): Origin {
  const names = { jti: token.slice(-ID.length), sid: token.slice(-ID.length - 1, -1) };
  return { iss, birth: 0, ...names, sub: ID, client_id: ID };
}

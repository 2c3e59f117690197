import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from "jose";
import { expect, test } from "vitest";
import { SIGNING_ALGORITHMS } from "../../src/config/schema.ts";
import { API, ISSUER, startServer } from "../support/server.ts";

test.each(SIGNING_ALGORITHMS)(
  "a token signed with %s is active, and verifies by the published keys alone",
  async (algorithm) => {
    const client = (await startServer({ keys: { algorithm } })).client();
    const { access_token: token } = await client.issue({
      mint: { client_id: "web", subject: "alice", audience: [API] },
    });
    expect(await client.introspect({ token })).toMatchObject({ active: true, sub: "alice" });
    const keys: JSONWebKeySet = JSON.parse((await client.getJwks()).jwks);
    const { protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys), { issuer: ISSUER, audience: API });
    expect(protectedHeader.alg).toBe(algorithm);
  },
);

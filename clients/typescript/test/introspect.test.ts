import { inspect } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { failureOf } from "./support/failure-of.ts";
import { recordEmitted } from "../../../test/support/leaks/record.ts";
import { testCaller } from "../../../test/support/server.ts";
import { AssayClientError } from "../src/index.ts";
import { API, ORDERS, type Served, serveAssay } from "./support/served.ts";

const INACTIVE = { active: false };

let assay: Served;
beforeAll(async () => {
  assay = await serveAssay({}, afterAll);
});

test("an active token's claims have the RFCs' names, and further ones lie in claims", async () => {
  const token = await assay.token({ claims: { plan: "pro" }, auth_time: 1_700_000_000, amr: ["pwd"] });
  expect(await assay.client().introspect(token)).toMatchObject({
    active: true,
    sub: "alice",
    client_id: "web",
    scope: "read",
    token_type: "Bearer",
    aud: [API],
    auth_time: 1_700_000_000,
    amr: ["pwd"],
    claims: { plan: "pro" },
    exp: expect.any(Number),
  });
});

test("what is no token of the service is inactive, and so is one that is longer than any", async () => {
  const client = assay.client();
  const answers = ["x", "a".repeat(20_000), "\uD800"].map((token) => client.introspect(token));
  expect(await Promise.all(answers)).toMatchObject([INACTIVE, INACTIVE, INACTIVE]);
});

test("an empty token is the caller's mistake", async () => {
  const client = assay.client();
  await expect(client.introspect("")).rejects.toThrow(TypeError);
});

test("a token for another audience than the one that is asked about is inactive", async () => {
  const token = await assay.token();
  const [own, others] = [assay.client({ audience: [API] }), assay.client({ audience: [ORDERS] })];
  expect(await own.introspect(token)).toMatchObject({ active: true });
  expect(await others.introspect(token)).toMatchObject(INACTIVE);
  expect(await others.introspect(token, { audience: [API] })).toMatchObject({ active: true });
});

test("a scope that is not granted is told as a challenge", async () => {
  const answer = await assay.client().introspect(await assay.token(), { requiredScopes: ["read", "write"] });
  expect(answer).toMatchObject({ active: false, challenge: "insufficient_scope" });
});

test("whoever may diagnose is told why a token is inactive", async () => {
  const doctor = testCaller({ name: "doctor", permissions: ["introspect", "diagnose"], audiences: [API] });
  const other = await serveAssay({ callers: [doctor.entry] });
  const client = other.client({ credentials: { secret: doctor.secret } });
  expect(await client.introspect("x")).toMatchObject({ active: false, inactiveReason: "malformed" });
});

test("an answer that must know of a revision knows of the revocation", async () => {
  const token = await assay.token();
  const { revision } = await assay.issuer.revoke({ token });
  expect(await assay.client().introspect(token, { atLeastAsFresh: revision })).toMatchObject(INACTIVE);
});

test("what the service refuses of one item is told with its reason, and the others are answered", async () => {
  const [token, client] = [await assay.token(), assay.client()];
  const [refused, answered, malformed] = await Promise.all([
    failureOf(client.introspect(token, { audience: ["https://elsewhere.example"] })),
    client.introspect(token),
    failureOf(client.introspect(token, { atLeastAsFresh: "yesterday" })),
  ]);
  expect(answered).toMatchObject({ active: true });
  expect(refused).toMatchObject({ code: "PERMISSION_DENIED", reason: "AUDIENCE_NOT_ALLOWED", retryable: false });
  expect(malformed).toMatchObject({ code: "INVALID_ARGUMENT", fields: [{ field: "at_least_as_fresh" }] });
});

test("a caller that is not known is told so, and nothing of the token is in the error", async () => {
  const client = assay.client({ credentials: { secret: "asy_cs_unknown" } });
  const error = await failureOf(client.introspect(await assay.token()));
  expect(error).toBeInstanceOf(AssayClientError);
  expect(error).toMatchObject({ code: "UNAUTHENTICATED", reason: "CALLER_UNKNOWN" });
  recordEmitted("error output", inspect(error, { depth: Infinity }));
});

test("a client that is shown shows no secret", async () => {
  const client = assay.client();
  recordEmitted("error output", inspect(client, { depth: Infinity, showHidden: true }));
  expect(inspect(client)).toContain("introspect");
});

test("a call that was given up fails at once, before and while it waits", async () => {
  const client = assay.client();
  await expect(client.introspect("x", { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "CANCELLED" });
  const givingUp = new AbortController();
  const waiting = failureOf(client.introspect("x", { signal: givingUp.signal }));
  givingUp.abort();
  expect(await waiting).toMatchObject({ code: "CANCELLED", retryable: false });
});

test("closing a client ends what waits, and whatever is asked of it later", async () => {
  const client = assay.client();
  const waiting = failureOf(client.introspect("x"));
  client.close();
  expect([await waiting, await failureOf(client.introspect("x"))]).toMatchObject([
    { code: "CANCELLED" },
    { code: "CANCELLED" },
  ]);
});

import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failure-of.ts";
import { API, ISSUER, startServer, testCaller } from "../support/server.ts";
import { slowIssuer } from "../support/slow-issuer.ts";
import type { ToldRevocation } from "../support/watch.ts";

const IDP = "https://idp.example";
const SID = "01a20079-115d-734f-9d63-2ee51d9f980f";
const JTI = "01a20079-12b5-7684-925d-cf99bf559a67";

const trusted = { issuer: IDP, jwks_uri: `${IDP}/jwks`, algorithms: ["ES256" as const], audiences: [API] };

test("a watch tells what is in force, then each revocation as it comes", async () => {
  const client = (await startServer()).client();
  await client.revoke({ subject: { sub: "alice" }, reason: "laptop lost" });
  await client.revoke({ sid: SID });
  const watch = client.watch();
  await watch.hasTold(2);
  expect(watch.steps[0]?.from_beginning).toBe(true);
  const { revision } = await client.revoke({ client_id: "web" });
  await watch.hasTold(3);
  expect(watch.revision()).toBe(revision);
  expect(watch.told().at(-1)?.selector).toEqual({ iss: ISSUER, client_id: "web" });
});

test("whatever can be revoked is told as it was named, with reason and cut-off", async () => {
  const client = (await startServer({ issuers: [trusted] })).client();
  await client.revoke({ token_id: { jti: JTI } });
  await client.revoke({ sid: SID, reason: "a reason" });
  await client.revoke({ subject: { sub: "alice" }, born_at_or_before: 1_700_000_000 });
  await client.revoke({ client_id: "web" });
  await client.revoke({ key_id: "k", iss: IDP });
  await client.revoke({ issuer: IDP });
  const watch = client.watch();
  await watch.hasTold(6);
  const told = new Map(watch.told().map((one) => [kindOf(one), one]));
  expect(told.get("jti")?.selector).toEqual({ iss: ISSUER, jti: JTI });
  expect(told.get("sid")).toMatchObject({ selector: { iss: ISSUER, sid: SID }, reason: "a reason" });
  expect(told.get("sub")).toMatchObject({ selector: { sub: "alice" }, born_at_or_before_ms: 1_700_000_000_999 });
  expect(told.get("client_id")?.expires_at_ms).toBeGreaterThan(Date.now());
  expect(told.get("key_id")).toMatchObject({ selector: { iss: IDP, key_id: "k" } });
  // For good.
  expect(told.get("key_id")).not.toHaveProperty("expires_at_ms");
  expect(told.get("iss")?.selector).toEqual({ iss: IDP });
});

test("a watch goes on after a revision that is known, and begins anew after one that is not", async () => {
  const client = (await startServer()).client();
  const { revision: after = "" } = await client.revoke({ sid: SID });
  await client.revoke({ client_id: "web" });
  const [next, anew] = [client.watch({ after }), client.watch({ after: "another/7" })];
  await Promise.all([next.hasTold(1), anew.hasTold(2)]);
  expect(next.told().map(kindOf)).toEqual(["client_id"]);
  expect([next, anew].map(({ steps }) => steps[0]?.from_beginning)).toEqual([false, true]);
});

test("what is no revision is refused by its field", async () => {
  const client = (await startServer()).client();
  const failure = await failureOf(client.watch({ after: "yesterday" }).ended);
  expect(failure).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_REQUEST" });
  expect(Object.keys(failure.fields)).toEqual(["after"]);
});

test("what cannot be decoded is refused, and no stream begins", async () => {
  const client = (await startServer()).client();
  const failure = await failureOf(client.raw("WatchRevocations", Buffer.from([0xff])));
  expect(failure).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_REQUEST" });
});

test("whoever wants digests only is told no selector and no reason", async () => {
  const client = (await startServer()).client();
  await client.revoke({ subject: { sub: "alice" }, reason: "laptop lost" });
  const watch = client.watch({ digests_only: true });
  await watch.hasTold(1);
  await client.revoke({ sid: SID, reason: "laptop found" });
  await watch.hasTold(2);
  for (const one of watch.told()) {
    expect(one.digest).toHaveLength(16);
    expect(Object.keys(one)).not.toContain("selector");
    expect(one.reason).toBeUndefined();
  }
});

test("proofs of freshness come while nothing else does, in the store's time, each later than the last", async () => {
  const client = (await startServer({ limits: { connection_idle: "300ms" } })).client();
  const watch = client.watch();
  for (let proof = 0; proof < 4; proof++) await watch.proved();
  const times = watch.steps.map(({ proved_at_ms: provedAt = 0 }) => provedAt);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  expect(new Set(times).size).toBe(times.length);
  expect(Math.abs((times.at(-1) ?? 0) - Date.now())).toBeLessThan(5_000);
});

test("an old connection ends its watches well, and they go on over the next", async () => {
  const client = (await startServer({ limits: { connection_age: "1s", connection_age_grace: "1h" } })).client();
  const watch = client.watch();
  await watch.proved();
  expect(await watch.ended).toBe("OK");
  await client.revoke({ sid: SID });
  const next = client.watch({ after: watch.revision() ?? "" });
  await next.hasTold(1);
  expect(next.steps[0]?.from_beginning).toBe(false);
});

test("watches are counted by themselves: for each caller, in all, and not among the calls", async () => {
  const [one, other] = ["one", "other"].map((name) =>
    testCaller({ name, permissions: ["watch", "introspect"], audiences: [API] }),
  );
  if (one === undefined || other === undefined) throw new Error("there are two");
  const server = await startServer({
    development: false,
    callers: [one.entry, other.entry],
    limits: { calls_in_flight: 1, streams: 3, streams_per_caller: 2 },
  });
  const [mine, theirs] = [server.client(one), server.client(other)];
  const [first] = [await welcome(mine.watch()), await welcome(mine.watch())];
  const tooMany = { code: "RESOURCE_EXHAUSTED", reason: "RATE_LIMITED" };
  expect(await failureOf(mine.watch().ended)).toMatchObject(tooMany);
  await welcome(theirs.watch());
  expect(await failureOf(theirs.watch().ended)).toMatchObject(tooMany);
  expect(await mine.introspect({ token: "x" })).toEqual({});
  first.cancel();
  await eventually("a place is free again", () => welcome(theirs.watch()).catch(() => undefined));
});

test("a change of the configuration ends watches well, and who may watch no more is refused", async () => {
  const { entry, secret } = testCaller({ name: "watcher", permissions: ["watch", "introspect"], audiences: [API] });
  const server = await startServer({ development: false, callers: [entry] });
  const client = server.client({ secret });
  const watch = client.watch();
  await watch.proved();
  await server.reload({ development: false, callers: [{ ...entry, permissions: ["introspect"] }] });
  expect(await watch.ended).toBe("OK");
  expect(await failureOf(client.watch().ended)).toMatchObject({ code: "PERMISSION_DENIED" });
});

test("a stop tells watches at once, and does not wait for them", async () => {
  const server = await startServer({ listen: { shutdown_grace: "1h" } });
  const watch = server.client().watch();
  await watch.proved();
  await server.stop();
  expect(await failureOf(watch.ended)).toMatchObject({ code: "UNAVAILABLE", reason: "SHUTTING_DOWN", retryAfter: 1 });
});

test("a watch whose caller is recognised only after a change of the configuration ends as all others did", async () => {
  const { watch, server, settings, answerKeys } = await slowlyRecognised();
  await server.reload(settings);
  answerKeys();
  expect(await watch.ended).toBe("OK");
  expect([watch.isWelcome(), watch.steps]).toEqual([false, []]);
});

test("a watch whose caller is recognised only after the stop has begun does not begin, nor hold it up", async () => {
  const { watch, server, answerKeys } = await slowlyRecognised();
  const stopped = server.stop();
  await eventually("it stops", () => server.log().includes('"stopping"') || undefined);
  answerKeys();
  expect(await failureOf(watch.ended)).toMatchObject({ code: "UNAVAILABLE", reason: "SHUTTING_DOWN", retryAfter: 1 });
  await stopped;
});

test("a watch is one line in the log, at its end", async () => {
  const server = await startServer();
  const watch = server.client().watch();
  await watch.proved();
  expect(server.log()).not.toContain("WatchRevocations");
  watch.cancel();
  await eventually("its line", () => server.log().includes('"method":"WatchRevocations"') || undefined);
  expect(server.log()).toMatch(/"method":"WatchRevocations","caller":"[^"]+","status":"CANCELLED"/);
});

/** A watch whose caller is being recognised: by a token whose keys its issuer holds back. */
async function slowlyRecognised() {
  const { token: secret, issuer, asked, answerKeys } = await slowIssuer();
  const settings = {
    development: false,
    listen: { shutdown_grace: "1h", caller_audience: API },
    issuers: [{ ...issuer, use: ["callers" as const] }],
    callers: [
      {
        name: "bob",
        jwt: { issuer: issuer.issuer, subject: "bob" },
        permissions: ["watch" as const],
        audiences: [API],
      },
    ],
  };
  const server = await startServer(settings);
  const watch = server.client({ secret }).watch();
  await asked;
  return { watch, server, settings, answerKeys };
}

/** By what it names something, or `iss`. */
function kindOf({ selector }: ToldRevocation): string {
  return Object.keys(selector ?? {}).find((name) => name !== "iss") ?? "iss";
}

/** @throws CallError when it is not let in */
async function welcome<Watch extends { isWelcome(): boolean; ended: Promise<"OK"> }>(watch: Watch): Promise<Watch> {
  const isIn = eventually("it is let in", () => watch.isWelcome() || undefined);
  await Promise.race([isIn, watch.ended]);
  return watch;
}

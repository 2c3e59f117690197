/** What is revoked by itself, because of what a detector found: only where it is configured, and only by whom it may be caused. */
import { expect, onTestFinished, test } from "vitest";
import type { ConfigInput } from "../../src/config/schema.ts";
import type { TestClient } from "../support/client.ts";
import { makeDpopKey } from "../support/dpop.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failure-of.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { API, startServer, testCaller, type TestServer } from "../support/server.ts";
import { AWAY, HOME, MOVED } from "./away.ts";
import { atApi, atTokenEndpoint, mintBound, reasonOf } from "./bound-client.ts";

type Actions = NonNullable<NonNullable<ConfigInput["signals"]>["actions"]>;

const REPLAYED = { kind: "proof_replayed", severity: "SIGNAL_SEVERITY_WARNING" };
const REVOKE_TOKEN: Actions = { proof_replayed: "revoke_token" };

function startWith(actions: Actions, more: Partial<ConfigInput> = {}): Promise<TestServer> {
  return startServer({ signals: { actions }, log: { audit: true }, ...more });
}

/** A bound token whose proof is sent twice, and what tells of it. */
async function replayed(client: TestClient, more: object = {}) {
  const key = await makeDpopKey();
  const issued = await mintBound(client, key, more);
  const { access_token: token } = issued;
  const bound = await atApi(token, key);
  expect(await client.introspect({ token, ...bound })).toMatchObject({ active: true });
  const { signals } = await client.introspect({ token, ...bound, with_signals: true });
  const state = async () => reasonOf(await client.introspect({ token, ...(await atApi(token, key)) }));
  return { key, issued, signals, state };
}

function isRevoked(state: () => Promise<string | undefined>): Promise<true> {
  return eventually("it is revoked", async () => ((await state()) === "REVOKED" ? true : undefined));
}

/** What the audit trail says was revoked by itself. */
function revocationsIn(server: TestServer): unknown[] {
  const lines: Record<string, unknown>[] = server
    .log()
    .split("\n")
    .filter((line) => line.includes("audit: assay.revocation"))
    .map((line) => JSON.parse(line));
  return lines.filter((line) => line["assay.revocation.cause"] !== "request");
}

test("a replayed proof has its token revoked, which is told and audited", async () => {
  const server = await startWith(REVOKE_TOKEN);
  const { signals, state, key, issued } = await replayed(server.client(), { refresh: true });
  expect(signals).toMatchObject([{ ...REPLAYED, action: "revoke_token", client_id: "web" }]);
  await isRevoked(state);
  const [audited, ...others] = await eventually("it is audited", () => {
    const found = revocationsIn(server);
    return found.length > 0 ? found : undefined;
  });
  expect(others).toEqual([]);
  expect(audited).toMatchObject({
    "assay.audit.outcome": "done",
    "assay.caller": "development",
    "assay.client_id": "web",
    "assay.revocation.cause": "proof_replayed",
    "assay.token.fingerprint": signals?.[0]?.token_fingerprint,
  });
  // The family lives on.
  const refresh = { client_id: "web", refresh_token: issued.refresh_token ?? "", ...(await atTokenEndpoint(key)) };
  expect(await server.client().issue({ refresh })).toMatchObject({ token_type: "DPoP" });
});

test("or its family, with all that was issued from it", async () => {
  const server = await startWith({ proof_replayed: "revoke_family" });
  const { signals, state, key, issued } = await replayed(server.client(), { refresh: true });
  expect(signals).toMatchObject([{ ...REPLAYED, action: "revoke_family" }]);
  await isRevoked(state);
  const refresh = { client_id: "web", refresh_token: issued.refresh_token ?? "", ...(await atTokenEndpoint(key)) };
  expect(await failureOf(server.client().issue({ refresh }))).toMatchObject({ reason: "INVALID_GRANT" });
});

test("a refresh token has no name of its own, and dies with its family", async () => {
  const server = await startWith(REVOKE_TOKEN);
  const client = server.client();
  const watch = client.watchSignals();
  await watch.begun();
  const key = await makeDpopKey();
  const { access_token: token, refresh_token: first = "" } = await mintBound(client, key, { refresh: true });
  const refresh = { client_id: "web", refresh_token: first, ...(await atTokenEndpoint(key)) };
  await client.issue({ refresh });
  expect(await failureOf(client.issue({ refresh }))).toMatchObject({ reason: "INVALID_PROOF" });
  await watch.tells({ ...REPLAYED, action: "revoke_family" });
  await isRevoked(async () => reasonOf(await client.introspect({ token, ...(await atApi(token, key)) })));
  expect(server.log()).not.toContain("an action failed");
});

test("without a setting nothing is done", async () => {
  const server = await startWith({});
  const client = server.client();
  const { signals, state } = await replayed(client);
  expect(signals).toMatchObject([REPLAYED]);
  expect(signals?.[0]).not.toHaveProperty("action");
  // Whatever was begun for the signal would be in the log before this.
  await client.revoke({ subject: { sub: "somebody" } });
  expect(await state()).toBe("ACTIVE");
  expect(revocationsIn(server)).toEqual([]);
});

test("a proof of another key has the token revoked, which its holder's own key does not save", async () => {
  const client = (await startWith({ proof_of_another_key: "revoke_token" })).client();
  const [key, other] = [await makeDpopKey(), await makeDpopKey()];
  const { access_token: token } = await mintBound(client, key);
  const { signals } = await client.introspect({ token, ...(await atApi(token, other)), with_signals: true });
  expect(signals).toMatchObject([{ kind: "proof_of_another_key", action: "revoke_token" }]);
  await isRevoked(async () => reasonOf(await client.introspect({ token, ...(await atApi(token, key)) })));
});

const gateway = {
  permissions: ["introspect", "diagnose", "issue", "revoke"] as const,
  audiences: [API],
  clients: ["web"],
};
const trusted = testCaller({
  ...gateway,
  permissions: [...gateway.permissions],
  name: "trusted",
  context_trusted: true,
});
const other = testCaller({ ...gateway, permissions: [...gateway.permissions], name: "other" });

test("what a caller says of its clients has a token revoked only where the caller is trusted with it", async () => {
  const callers = [trusted.entry, other.entry];
  const server = await startWith({ token_context_changed: "revoke_token" }, { development: false, callers });
  const [believed, liar] = [server.client(trusted), server.client(other)];
  const mint = { client_id: "web", subject: "alice", audience: [API], context: HOME };
  const tokens = [];
  for (const client of [liar, believed]) tokens.push((await client.issue({ mint })).access_token);
  const [ofLiar = "", ofBelieved = ""] = tokens;

  const said = await liar.introspect({ token: ofLiar, context: AWAY, with_signals: true });
  expect(said.signals).toMatchObject([MOVED]);
  expect(said.signals?.[0]).not.toHaveProperty("action");
  const told = await believed.introspect({ token: ofBelieved, context: AWAY, with_signals: true });
  expect(told).toMatchObject({ active: true, signals: [{ ...MOVED, action: "revoke_token" }] });
  await isRevoked(async () => reasonOf(await believed.introspect({ token: ofBelieved })));
  expect(await liar.introspect({ token: ofLiar })).toMatchObject({ active: true });
  expect(revocationsIn(server)).toMatchObject([
    { "assay.caller": "trusted", "assay.revocation.cause": "token_context_changed" },
  ]);
});

test("what is worth no warning has nothing revoked, whoever says it", async () => {
  const server = await startWith({ token_context_changed: "revoke_token" }, { callers: [trusted.entry] });
  const client = server.client(trusted);
  const mint = { client_id: "web", subject: "alice", audience: [API], context: HOME };
  const { access_token: token } = await client.issue({ mint });
  const { client_ip: address = "" } = AWAY;
  const { signals } = await client.introspect({ token, context: { client_ip: address }, with_signals: true });
  expect(signals).toMatchObject([{ kind: MOVED.kind, severity: "SIGNAL_SEVERITY_INFO" }]);
  expect(signals?.[0]).not.toHaveProperty("action");
});

test("a store that is away at that moment is asked again, and each failure is audited", async () => {
  const redis = await startRedisServer();
  onTestFinished(() => redis.remove());
  const server = await startWith(
    { proof_of_another_key: "revoke_token" },
    // The answer needs no store for so long.
    { store: redis.url, revocations: { max_staleness: "1m" } },
  );
  const client = server.client();
  const [key, stranger] = [await makeDpopKey(), await makeDpopKey()];
  const { access_token: token } = await mintBound(client, key);
  const bound = await atApi(token, stranger);
  redis.pause();
  const { signals } = await client.introspect({ token, ...bound, with_signals: true });
  expect(signals).toMatchObject([{ kind: "proof_of_another_key", action: "revoke_token" }]);
  await eventually("it could not be done", () => (revocationsIn(server).length > 0 ? true : undefined));
  redis.resume();
  const outcomes = await eventually("it is done", () => {
    const found = revocationsIn(server).map((line) => Reflect.get(Object(line), "assay.audit.outcome"));
    return found.includes("done") ? found : undefined;
  });
  expect(outcomes).toEqual([...outcomes.slice(1).map(() => "failed"), "done"]);
  expect(reasonOf(await client.introspect({ token, ...(await atApi(token, key)) }))).toBe("REVOKED");
  expect(server.log()).not.toContain("an action failed");
});

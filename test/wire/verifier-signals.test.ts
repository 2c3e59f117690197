/** What a verifier finds is told at its authority, and a verifier that lies does no harm there. */
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { signalToMessage } from "../../src/transport/grpc/signal-message.ts";
import { issuer, service, startAuthority, startVerifier, verifierCaller } from "../support/deployment.ts";
import { failureOf } from "../support/failure-of.ts";
import { API, testCaller, type TestServer } from "../support/server.ts";
import { eventually } from "../support/eventually.ts";
import { aSignal } from "../support/signals.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";

const ends: (() => Promise<unknown>)[] = [];
const atEnd = (end: () => Promise<unknown>): void => void ends.unshift(end);
const watcher = testCaller({ name: "watcher", permissions: ["watch"], audiences: [API] });
const callers = [service, issuer, watcher].map(({ entry }) => entry);
const patient = testCaller({
  name: "patient",
  permissions: ["introspect"],
  audiences: [API],
  serve_stale_for: "1m",
});
const mint = { client_id: "web", subject: "alice", audience: [API] };
const REVOKED = { kind: "revoked_token_used", caller: "service", client_id: "web" };

let authority: TestServer;
beforeAll(async () => {
  authority = await startAuthority(
    { callers: [...callers, verifierCaller.entry], limits: { burst: 100, calls_per_second: 100 } },
    atEnd,
  );
});
afterAll(async () => {
  for (const end of ends) await end();
});

/** At the verifier, by whom it does not know to be one of ours. */
async function useRevokedToken(verifier: TestServer): Promise<void> {
  const issuing = authority.client(issuer);
  const { access_token: token } = await issuing.issue({
    mint,
  });
  const { revision = "" } = await issuing.revoke({ token });
  expect(await verifier.client(service).introspect({ token, at_least_as_fresh: revision })).toMatchObject({
    inactive_reason: "INACTIVE_REASON_REVOKED",
  });
}

async function watchAt(server: TestServer) {
  const watch = server.client(watcher).watchSignals();
  await watch.begun();
  return watch;
}

test("what a verifier finds is told by itself and by its authority, which says who reported it", async () => {
  const verifier = await startVerifier([authority.address], { callers });
  const [here, there] = [await watchAt(verifier), await watchAt(authority)];
  await useRevokedToken(verifier);
  const own = await here.tells(REVOKED);
  expect(own).not.toHaveProperty("reported_by");
  expect(await there.tells(REVOKED)).toEqual({ ...own, reported_by: "verifier" });
});

test("the authority neither logs nor counts it as its own", async () => {
  const verifier = await startVerifier([authority.address], { callers });
  const there = await watchAt(authority);
  await useRevokedToken(verifier);
  await there.tells({ ...REVOKED, reported_by: "verifier" });
  await eventually("the verifier logs it", () => verifier.log().includes("signal: revoked_token_used") || undefined);
  expect(authority.log()).not.toContain("signal: revoked_token_used");
});

test("what is found while the authority cannot be reached is told when it can", async () => {
  const proxy = await startTcpProxy(Number(authority.address.split(":")[1]));
  onTestFinished(() => proxy.close());
  const verifier = await startVerifier([`127.0.0.1:${proxy.port}`], {
    callers: [patient.entry, watcher.entry],
    upstream: { authorities: [`127.0.0.1:${proxy.port}`], timeout: "250ms" },
  });
  const [here, there] = [await watchAt(verifier), await watchAt(authority)];
  const { access_token: token } = await authority.client(issuer).issue({ mint });
  const { revision = "" } = await authority.client(issuer).revoke({ token });
  const client = verifier.client(patient);
  expect(await client.introspect({ token: "a.b.c", at_least_as_fresh: revision })).toEqual({});
  proxy.hold();
  expect(await client.introspect({ token })).toEqual({});
  const { id } = await here.tells({ ...REVOKED, caller: "patient" });
  expect(there.told()).toEqual([]);
  proxy.resume();
  await there.tells({ id, caller: "patient", reported_by: "verifier" });
});

test("who reports takes the permissions of a verifier", async () => {
  for (const { secret } of [watcher, service])
    expect(await failureOf(authority.client({ secret }).reportSignals([]))).toMatchObject({
      reason: "PERMISSION_MISSING",
    });
});

test("what is no signal is not taken, its words get into no log, and nobody can report in another's name", async () => {
  const there = await watchAt(authority);
  const good = signalToMessage(aSignal());
  const lies = [
    { kind: "call_this_number" },
    { severity: 7 },
    { caller: "api\nforged line" },
    { client_id: "\u001B[2Jcleared" },
    { detail: "free text of an attacker" },
    { token_fingerprint: "asy_at_token" },
    { id: "not an id" },
    { caller: "x".repeat(300) },
  ].map((lie) => ({ ...good, ...lie }));
  const { taken } = await authority
    .client(verifierCaller)
    .reportSignals([...lies, { ...good, reported_by: "somebody else" }]);
  expect(taken).toBe(1);
  expect(await there.tells({ id: good.id })).toMatchObject({ reported_by: "verifier" });
  for (const text of ["call_this", "forged", "cleared", "attacker"]) expect(authority.log()).not.toContain(text);
});

test("a flood is bounded: 100 in one report, and a thousand at once of one verifier", async () => {
  const flood = await startAuthority({ callers: [...callers, verifierCaller.entry] });
  const client = flood.client(verifierCaller);
  const report = (count: number) =>
    client.reportSignals(Array.from({ length: count }, () => signalToMessage(aSignal())));
  const failure = await failureOf(report(101));
  expect(failure).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_REQUEST" });
  expect(Object.keys(failure.fields)).toEqual(["signals"]);
  const began = performance.now();
  let taken = 0;
  for (let time = 0; time < 30; time++) taken += (await report(100)).taken ?? 0;
  const seconds = (performance.now() - began) / 1_000;
  expect(taken).toBeGreaterThanOrEqual(1_000);
  expect(taken).toBeLessThanOrEqual(1_000 + Math.ceil(seconds * 100));
});

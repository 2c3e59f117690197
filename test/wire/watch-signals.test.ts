import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failure-of.ts";
import { API, startServer, testCaller } from "../support/server.ts";
import { reuseRefreshToken } from "../support/signals.ts";

const REUSE = { kind: "refresh_token_reuse", severity: "SIGNAL_SEVERITY_CRITICAL" };

test("a watch tells the latest signals that are asked for, then each as it comes", async () => {
  const client = (await startServer()).client();
  await reuseRefreshToken(client, API);
  await reuseRefreshToken(client, API);
  const [both, one, none] = [
    client.watchSignals({ latest: 2 }),
    client.watchSignals({ latest: 1 }),
    client.watchSignals(),
  ];
  await both.hasTold(2);
  await Promise.all([one.begun(), none.begun()]);
  await reuseRefreshToken(client, API);
  const told = await both.hasTold(3);
  expect(await one.hasTold(2)).toEqual(told.slice(1));
  expect(await none.hasTold(1)).toEqual(told.slice(2));
  const fingerprint = expect.stringMatching(/^[0-9a-f]{16}$/);
  expect(told[2]).toEqual({
    ...REUSE,
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    at_ms: expect.any(Number),
    caller: "development",
    client_id: "web",
    detail: "stale_generation",
    family_fingerprint: fingerprint,
    subject_fingerprint: fingerprint,
  });
  expect(new Set(told.map(({ id }) => id)).size).toBe(3);
});

test("the first message says that it is alive, and so do others while nothing comes", async () => {
  const watch = (await startServer({ limits: { connection_idle: "300ms" } })).client().watchSignals();
  await eventually("it says so again", () => watch.steps.length >= 3 || undefined);
  expect(watch.told()).toEqual([]);
});

test("what matters less than is asked for is not told", async () => {
  const client = (await startServer()).client();
  const watch = client.watchSignals({ at_least: "SIGNAL_SEVERITY_CRITICAL" });
  await watch.begun();
  const { access_token: token } = await client.issue({ mint: { client_id: "web", subject: "bob", audience: [API] } });
  await client.revoke({ token });
  await client.introspect({ token });
  await reuseRefreshToken(client, API);
  expect((await watch.hasTold(1)).map(({ kind }) => kind)).toEqual([REUSE.kind]);
});

test("a severity that nobody knows and more than 1,000 are refused by their fields", async () => {
  const client = (await startServer()).client();
  const failure = await failureOf(client.watchSignals({ latest: 1_001, at_least: 9 }).ended);
  expect(failure).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_REQUEST" });
  expect(Object.keys(failure.fields).toSorted()).toEqual(["at_least", "latest"]);
});

test("an old connection, a change of the configuration and a stop end it as they end a watch of revocations", async () => {
  const { entry, secret } = testCaller({ name: "watcher", permissions: ["watch"], audiences: [API] });
  const settings = { development: false, callers: [entry] };
  const aged = await startServer({ ...settings, limits: { connection_age: "1s", connection_age_grace: "1h" } });
  const old = aged.client({ secret }).watchSignals();
  await old.begun();
  expect(await old.ended).toBe("OK");

  const server = await startServer({ ...settings, listen: { shutdown_grace: "1h" } });
  const client = server.client({ secret });
  const before = client.watchSignals();
  await before.begun();
  await server.reload({ ...settings, listen: { shutdown_grace: "1h" }, limits: { burst: 7 } });
  expect(await before.ended).toBe("OK");
  const last = client.watchSignals();
  await last.begun();
  const stopped = server.stop();
  expect(await failureOf(last.ended)).toMatchObject({ code: "UNAVAILABLE", reason: "SHUTTING_DOWN" });
  await stopped;
});

test("watches of signals and of revocations have their places together", async () => {
  const client = (await startServer({ limits: { streams: 1 } })).client();
  await client.watch().proved();
  expect(await failureOf(client.watchSignals().ended)).toMatchObject({ reason: "RATE_LIMITED" });
});

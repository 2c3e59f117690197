import { once } from "node:events";
import { expect, test } from "vitest";
import { assay, spawnAssay } from "../cli/run-assay.ts";
import { eventually } from "../support/eventually.ts";
import { openClient } from "../support/client.ts";
import { API, startServer } from "../support/server.ts";
import { reuseRefreshToken } from "../support/signals.ts";
import { serveByCli } from "./cli-server.ts";
import { watchByCli } from "./watch-by-cli.ts";

const watch = (address: string, ...words: string[]) => watchByCli(address, ["--signals", ...words]);

test("each signal is a line in plain words, the latest that are asked for first, until it is interrupted", async () => {
  const server = await startServer();
  const client = server.client();
  await reuseRefreshToken(client, API);
  const watching = watch(server.address, "--latest", "5");
  const line =
    /^\S+Z {2}critical {2}a refresh token was used again, and its family is dead \(stale generation\); client web; presented by development; family [0-9a-f]{16}; subject [0-9a-f]{16}$/;
  expect(await watching.line(line)).toBeDefined();
  await reuseRefreshToken(client, API);
  await eventually("the next", () => watching.out().length === 2 || undefined);
  expect(watching.out()[1]).toMatch(line);
  expect(await watching.interrupt()).toBe(0);
});

test("--json prints one object a line; --at-least leaves out what matters less, and means signals by itself", async () => {
  const server = await startServer();
  const client = server.client();
  const watching = watchByCli(server.address, ["--json", "--at-least", "critical"]);
  await watching.says("watching signals");
  const { access_token: token } = await client.issue({ mint: { client_id: "web", subject: "bob", audience: [API] } });
  await client.revoke({ token });
  await client.introspect({ token });
  await reuseRefreshToken(client, API);
  const told: unknown = JSON.parse(await watching.line(/reuse/));
  expect(told).toMatchObject({ kind: "refresh_token_reuse", severity: "critical", client_id: "web" });
  expect(watching.out()).toHaveLength(1);
  expect(await watching.interrupt()).toBe(0);
});

test("when its stream ends it connects again, and tells nothing twice", async () => {
  const settings = { limits: { connection_age: "1s", connection_age_grace: "1h" } };
  const server = await startServer(settings);
  const watching = watch(server.address);
  for (let turn = 1; turn <= 3; turn++) {
    await reuseRefreshToken(server.client({ ownConnection: true }), API);
    await eventually("it is told", () => watching.out().length >= turn || undefined);
    const connections = (): number => watching.err().split("watching signals").length - 1;
    await eventually("it connects again", () => connections() > turn || undefined);
  }
  expect(watching.out()).toHaveLength(3);
  expect(new Set(watching.out()).size).toBe(3);
});

test("when the service restarts it connects again and goes on", async () => {
  const first = await serveByCli();
  const { address, directory } = first;
  const watching = watch(address);
  await watching.says("watching signals");
  first.signal("SIGTERM");
  await first.ended;
  await watching.says(/interrupted: .*[\s\S]*connecting again in [\d.]+ s, with what was found meanwhile/);
  const again = spawnAssay(["serve"], { cwd: directory, env: { ASSAY_LISTEN_ADDRESS: address } });
  await eventually("a theft is seen", async () => {
    const client = openClient(address, { ownConnection: true });
    return reuseRefreshToken(client, API, "dev")
      .catch(() => undefined)
      .finally(() => client.close());
  });
  await watching.line(/refresh token was used again/);
  expect(await watching.interrupt()).toBe(0);
  again.kill("SIGTERM");
  await once(again, "close");
}, 60_000);

test.each([
  ["--signals", "--at-least", "severe"],
  ["--signals", "--latest", "1001"],
  ["--signals", "--latest", "some"],
  ["--signals", "--after", "x/1"],
  ["--latest", "3", "--after", "x/1"],
])("%s %s %s is bad usage", async (...words) => {
  expect((await assay(["watch", ...words])).code).toBe(2);
});

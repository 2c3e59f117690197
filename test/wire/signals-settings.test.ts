/** Detectors and actions are what the configuration says they are, and a flood of what is bad makes a handful of signals. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { openClient, type TestClient } from "../support/client.ts";
import { makeDpopKey } from "../support/dpop.ts";
import { eventually } from "../support/eventually.ts";
import { API, startServer } from "../support/server.ts";
import { reuseRefreshToken } from "../support/signals.ts";
import { AWAY, HOME, MOVED } from "./away.ts";
import { atApi, mintBound, reasonOf } from "./bound-client.ts";
import { serveByCli, type ServedByCli } from "./cli-server.ts";

// A process starts in each test but one, however busy the machine is.
vi.setConfig({ testTimeout: 90_000 });
const withinMs = 45_000;

const MINT = { client_id: "web", subject: "alice", audience: [API] };
const FILE = `
development: true
issuer: https://assay.example
clients:
  - { client_id: web, audiences: [${API}], grants: [mint, refresh] }
`;

test("5,000 malformed tokens of one caller are a handful of signals", async () => {
  const client = (await startServer()).client();
  const watch = client.watchSignals();
  await watch.begun();
  const flood = Array.from({ length: 250 }, (_, index) => ({ token: `Bearer ${index}`, context: HOME }));
  for (let batch = 0; batch < 20; batch++)
    expect((await client.batchIntrospect(flood)).responses).toHaveLength(flood.length);
  await reuseRefreshToken(client, API);
  await watch.tells({ kind: "refresh_token_reuse" });
  const told = watch.told().filter(({ kind }) => kind === "bad_token_burst");
  expect(new Set(told.map(({ detail }) => detail))).toEqual(new Set(["caller", "network"]));
  expect(told.length).toBeLessThanOrEqual(4);
});

/** What the signals of one question are about: of a token that was revoked, and of one that is used from away. */
async function kindsOf(client: TestClient): Promise<readonly (string | undefined)[]> {
  const ask = async (token: string, context = {}) => {
    const { signals = [] } = await client.introspect({ token, context, with_signals: true });
    return signals.map(({ kind, severity }) => `${kind} ${severity}`)[0];
  };
  const issue = async () => (await client.issue({ mint: { ...MINT, context: HOME } })).access_token;
  const [dead, moved] = [await issue(), await issue()];
  await client.revoke({ token: dead });
  return [await ask(dead), await ask(moved, AWAY)];
}

test("a detector that is switched off in the file finds nothing, and the others do", async () => {
  const yaml = `${FILE}signals: { detectors: { revoked_token_used: { enabled: false } } }\n`;
  const served = await serveByCli({ yaml, withinMs });
  expect(await kindsOf(clientOf(served))).toEqual([undefined, `${MOVED.kind} ${MOVED.severity}`]);
});

test("a threshold of the file is the one that counts", async () => {
  const yaml = `${FILE}signals: { detectors: { bad_token_burst: { by_caller: 2, share: 0, cooldown: 24h } } }\n`;
  const client = clientOf(await serveByCli({ yaml, withinMs }));
  const ask = async () => (await client.introspect({ token: "x", with_signals: true })).signals;
  expect(await ask()).toBeUndefined();
  expect(await ask()).toMatchObject([{ kind: "bad_token_burst", detail: "caller", count: 2 }]);
  for (let more = 0; more < 10; more++) expect(await ask()).toBeUndefined();
});

test("signals.actions is taken over while it runs, and signals.detectors waits for a restart", async () => {
  const served = await serveByCli({ yaml: FILE, withinMs });
  const client = clientOf(served);
  const path = join(served.directory, "assay.yaml");
  const actionOf = async () => {
    const key = await makeDpopKey();
    const { access_token: token } = await mintBound(client, key);
    const bound = await atApi(token, await makeDpopKey());
    const { signals = [] } = await client.introspect({ token, ...bound, with_signals: true });
    const state = async () => reasonOf(await client.introspect({ token, ...(await atApi(token, key)) }));
    return { action: signals[0]?.action, state };
  };
  expect(await actionOf()).toMatchObject({ action: undefined });

  const changed = `
signals:
  actions: { proof_of_another_key: revoke_token }
  detectors: { revoked_token_used: { enabled: false } }
`;
  await writeFile(path, `${await readFile(path, "utf8")}${changed}`);
  await eventually("it is taken over", () =>
    served.printed.stdout.includes("the configuration was taken over") ? true : undefined,
  );
  expect(served.printed.stdout).toContain("signals.detectors");
  const { action, state } = await actionOf();
  expect(action).toBe("revoke_token");
  await eventually("it is revoked", async () => ((await state()) === "REVOKED" ? true : undefined));
  expect(await kindsOf(client)).toEqual(["revoked_token_used SIGNAL_SEVERITY_INFO", `${MOVED.kind} ${MOVED.severity}`]);
});

function clientOf({ address }: ServedByCli): TestClient {
  const client = openClient(address);
  onTestFinished(() => client.close());
  return client;
}

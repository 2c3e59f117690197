/** What a question has shown is told in its answer, to callers alone that may know why a token is inactive, and ask for it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { CallError } from "../support/call-error.ts";
import type { TestClient } from "../support/client.ts";
import { failureOf } from "../support/failure-of.ts";
import type { Introspected } from "../support/introspected.ts";
import { API, ORDERS, startServerForFile, testCaller, type TestServer } from "../support/server.ts";

const audiences = [API, ORDERS];
const clients = ["web", "orders"];
const desk = testCaller({
  name: "desk",
  permissions: ["introspect", "diagnose", "issue", "revoke"],
  audiences,
  clients,
});
const plain = testCaller({ name: "plain", permissions: ["introspect"], audiences });
const ofWeb = testCaller({
  name: "of-web",
  permissions: ["introspect", { permission: "diagnose", clients: ["web"] }],
  audiences,
  clients,
});

let server: TestServer;
beforeAll(async () => {
  server = await startServerForFile({
    development: false,
    callers: [desk, plain, ofWeb].map(({ entry }) => entry),
  });
});
afterAll(() => server.stop());

type Ask = (client: TestClient, token: string, withSignals: boolean) => Promise<Introspected>;

const WAYS: readonly [name: string, ask: Ask][] = [
  ["Introspect", (client, token, withSignals) => client.introspect({ token, with_signals: withSignals })],
  [
    "BatchIntrospect",
    async (client, token, withSignals) => {
      const { responses, failures } = await client.batchIntrospect([{ token, with_signals: withSignals }]);
      const failure = failures.get(0);
      if (failure !== undefined) throw failure;
      return responses[0] ?? {};
    },
  ],
  [
    "IntrospectStream",
    async (client, token, withSignals) => {
      const stream = client.introspectStream();
      try {
        return await stream.ask(1, { token, with_signals: withSignals });
      } finally {
        stream.cancel();
      }
    },
  ],
];

/** Nobody has used it since. */
async function revokedToken(clientId = "web"): Promise<string> {
  const client = server.client(desk);
  const audience = [clientId === "web" ? API : ORDERS];
  const { access_token: token } = await client.issue({ mint: { client_id: clientId, subject: "alice", audience } });
  await client.revoke({ token });
  return token;
}

const FIRST_USE = {
  kind: "revoked_token_used",
  severity: "SIGNAL_SEVERITY_INFO",
  caller: "desk",
  client_id: "web",
  detail: "access",
  token_fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
};

test.each(WAYS)("%s tells what it has shown, once, where it is asked to", async (_name, ask) => {
  const [client, token] = [server.client(desk), await revokedToken()];
  const answer = await ask(client, token, true);
  expect(answer).toMatchObject({ inactive_reason: "INACTIVE_REASON_REVOKED", signals: [FIRST_USE] });
  expect(answer.signals).toHaveLength(1);
  expect(await ask(client, token, true)).toEqual({ inactive_reason: "INACTIVE_REASON_REVOKED" });
});

test.each(WAYS)("%s tells nothing that it is not asked for", async (_name, ask) => {
  expect(await ask(server.client(desk), await revokedToken(), false)).not.toHaveProperty("signals");
});

test.each(WAYS)("%s refuses it to who may not diagnose, and has looked at nothing by then", async (_name, ask) => {
  const token = await revokedToken();
  const refused = await failureOf(ask(server.client(plain), token, true));
  expect(refused).toBeInstanceOf(CallError);
  expect(refused).toMatchObject({ code: "PERMISSION_DENIED", reason: "PERMISSION_MISSING" });
  expect((await ask(server.client(desk), token, true)).signals).toHaveLength(1);
});

test.each(WAYS)("%s tells who may diagnose one client's tokens of no other's", async (_name, ask) => {
  const client = server.client(ofWeb);
  expect((await ask(client, await revokedToken("web"), true)).signals).toMatchObject([{ client_id: "web" }]);
  expect(await ask(client, await revokedToken("orders"), true)).toEqual({});
  expect(await ask(client, "asy_at_malformed", true)).toEqual({});
});

test("an active answer with nothing to tell is what it is without the question", async () => {
  const client = server.client(desk);
  const { access_token: token } = await client.issue({
    mint: { client_id: "web", subject: "alice", audience: [API] },
  });
  const asked = await client.introspect({ token, with_signals: true });
  expect(asked).toMatchObject({ active: true });
  expect(asked).toEqual(await client.introspect({ token }));
});

/** A DPoP proof is good once, and a retry of the call that shows it is no second time. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type DpopKey, dpopProof, hashOf, makeDpopKey } from "../../../test/support/dpop.ts";
import { eventually } from "../../../test/support/eventually.ts";
import { startTcpProxy } from "../../../test/support/tcp-proxy.ts";
import type { IntrospectOptions } from "../src/index.ts";
import { failureOf } from "./support/failure-of.ts";
import { openTestClient, type Served, serveAssay, service } from "./support/served.ts";

const HTU = "https://api.example/orders";

let assay: Served;
let key: DpopKey;
beforeAll(async () => {
  assay = await serveAssay({}, afterAll);
  key = await makeDpopKey();
});

async function shown(): Promise<{ token: string; options: IntrospectOptions }> {
  const token = await assay.token({ cnf: { jkt: key.jkt } });
  const dpop = await dpopProof(key, { htm: "GET", htu: HTU, ath: hashOf(token) });
  return { token, options: { context: { httpMethod: "GET", httpUri: HTU }, proof: { dpop } } };
}

test("a bound token is active with its proof, once", async () => {
  const [client, { token, options }] = [assay.client(), await shown()];
  expect(await client.introspect(token, options)).toMatchObject({
    active: true,
    token_type: "DPoP",
    cnf: { jkt: key.jkt },
  });
  expect(await client.introspect(token, options)).toMatchObject({ active: false });
});

test("a call whose answer was lost is asked again, and is no replay", async () => {
  const proxy = await startTcpProxy(Number(assay.address.split(":")[1]));
  onTestFinished(() => proxy.close());
  const { token, options } = await shown();
  const client = assay.client({ address: `127.0.0.1:${proxy.port}` });
  await client.introspect("x", { proof: { dpop: randomUUID() } });
  proxy.hold("to-client");
  const before = answeredActive();
  const answer = client.introspect(token, options);
  await eventually("the service has answered", () => (answeredActive() > before ? true : undefined));
  proxy.cut();
  proxy.resume();
  expect(await answer).toMatchObject({ active: true });
});

/** How many calls for one token the service has answered so, by its log. */
function answeredActive(): number {
  const lines = assay.server.log().split("\n");
  return lines.filter((line) => line.includes('"Introspect"') && line.includes('"active"')).length;
}

test("a call that waits for its caller's own credentials has its deadline too", async () => {
  const { token, options } = await shown();
  const credentials = { token: () => new Promise<string>(() => undefined) };
  const client = openTestClient({ address: assay.address, credentials });
  const calls = [options, {}].map((more) => failureOf(client.introspect(token, { ...more, deadlineMs: 50 })));
  expect(await Promise.all(calls)).toMatchObject([{ code: "DEADLINE_EXCEEDED" }, { code: "DEADLINE_EXCEEDED" }]);
});

test("calls with proofs count among those that wait, and end when the client is closed", async () => {
  const { token, options } = await shown();
  const client = assay.client({ maxPending: 2, credentials: { secret: service.secret } });
  const [first, second, third] = [1, 2, 3].map(() => failureOf(client.introspect(token, options)));
  expect(await third).toMatchObject({ code: "RESOURCE_EXHAUSTED" });
  client.close();
  expect([await first, await second]).toMatchObject([{ code: "CANCELLED" }, { code: "CANCELLED" }]);
});

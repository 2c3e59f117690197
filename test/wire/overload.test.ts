/** More tokens that are seen for the first time than can be verified. */
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failure-of.ts";
import { holdThreadPool } from "../support/hold-thread-pool.ts";
import { API, startServer } from "../support/server.ts";

const MINT = { client_id: "web", subject: "alice", audience: [API] };
/** As many signature checks as are made at once. */
const AT_ONCE = 32;

test("while first sights wait, a token that was seen is answered, and who has waited for too long is told when to try again", async () => {
  const server = await startServer({});
  const client = server.client();
  const mint = async (): Promise<string> => (await client.issue({ mint: MINT })).access_token;
  const seen = await mint();
  expect(await client.introspect({ token: seen })).toMatchObject({ active: true });
  const [begun, late] = [await Promise.all(Array.from({ length: AT_ONCE }, mint)), await mint()];
  const release = await holdThreadPool();
  const running = begun.map((token) => client.introspect({ token }));
  let refused: unknown;
  const waiting = failureOf(client.introspect({ token: late })).then((failure) => (refused = failure));
  expect(await client.introspect({ token: seen })).toMatchObject({ active: true });

  const further: Promise<unknown>[] = [];
  await eventually("the one that waited is refused", async () => {
    const token = await mint();
    further.push(client.introspect({ token }).catch(() => undefined));
    expect(await client.introspect({ token: seen })).toMatchObject({ active: true });
    return refused;
  });
  expect(await waiting).toMatchObject({ code: "RESOURCE_EXHAUSTED", reason: "RATE_LIMITED", retryAfter: 1 });
  await release();
  for (const answer of await Promise.all(running)) expect(answer).toMatchObject({ active: true });
  await Promise.all(further);
});

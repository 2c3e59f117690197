import { describe, expect, onTestFinished, test } from "vitest";
import type { IssuedTokens, TestClient } from "../support/client.ts";
import { issuer, service, startAuthority, verifierCaller, writeSecret } from "../support/deployment.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failure-of.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { API, ISSUER } from "../support/server.ts";
import { serveWithCrew, signal, two } from "./crew.ts";

/** A store of the test's own, as its environment says it. */
const STORES: ReadonlyArray<[string, () => Promise<NodeJS.ProcessEnv>]> = [
  ["SQLite", async () => ({})],
  [
    "Redis",
    async () => {
      const redis = await startRedisServer();
      onTestFinished(() => redis.remove());
      return { ASSAY_STORE_URL: redis.url };
    },
  ],
];

/** How often a revocation is tried at each worker. */
const TURNS = 8;

function mint(client: TestClient, format: "JWT" | "OPAQUE" = "JWT"): Promise<IssuedTokens> {
  const grant = { client_id: "dev", subject: "alice", audience: [API], format, refresh: true };
  return client.issue({ mint: grant });
}

describe.each(STORES)("over %s", (_store, environment) => {
  test("what one worker has revoked is inactive at all others, at once", async () => {
    const served = await serveWithCrew(3, { env: await environment() });
    const clients = [...(await served.connectToEach()).values()];
    for (let turn = 0; turn < TURNS; turn++) {
      for (const revoker of clients) {
        const { access_token: token } = await mint(revoker, turn % 2 === 0 ? "JWT" : "OPAQUE");
        for (const client of clients) expect(await client.introspect({ token })).toMatchObject({ active: true });
        await revoker.revoke({ token });
        const answers = await Promise.all(clients.map((client) => client.introspect({ token })));
        expect(answers.map(({ inactive_reason: reason }) => reason)).toEqual(
          clients.map(() => "INACTIVE_REASON_REVOKED"),
        );
      }
    }
  });
});

/** Freezes a worker, does what is not to be answered before that worker knows of it, and lets the worker go on. */
async function withFrozen<Answer>(pid: number, act: () => Promise<Answer>, isApplied: () => Promise<boolean>) {
  signal(pid, "SIGSTOP");
  let isAnswered = false;
  const acting = act().finally(() => {
    isAnswered = true;
  });
  await eventually("it is applied where it was asked for", async () => (await isApplied()) || undefined);
  expect(isAnswered).toBe(false);
  signal(pid, "SIGCONT");
  return acting;
}

test("a family dies at all workers before one of them answers who used its refresh token again", async () => {
  const served = await serveWithCrew(2, { env: { ASSAY_STORE_TIMEOUT: "8s" } });
  const { first, second, secondPid } = await two(served);
  const { access_token: token, refresh_token: stolen = "" } = await mint(first);
  expect(await second.introspect({ token })).toMatchObject({ active: true });
  const next = await second.issue({ refresh: { refresh_token: stolen, client_id: "dev" } });
  await first.issue({ refresh: { refresh_token: next.refresh_token ?? "", client_id: "dev" } });
  const reuse = () => failureOf(first.issue({ refresh: { refresh_token: stolen, client_id: "dev" } }));
  const isDead = async () => (await first.introspect({ token })).active !== true;
  expect(await withFrozen(secondPid, reuse, isDead)).toMatchObject({ reason: "INVALID_GRANT" });
  expect(await second.introspect({ token })).toMatchObject({ inactive_reason: "INACTIVE_REASON_REVOKED" });
});

test("what is revoked through one worker of a verifier is known to its others before it is answered", async () => {
  const authority = await startAuthority();
  const admin = authority.client({ secret: issuer.secret });
  const yaml = `issuer: ${ISSUER}
role: verifier
upstream: { authorities: ["${authority.address}"], secret_file: ${await writeSecret(verifierCaller.secret)}, timeout: 8s }
callers: ${JSON.stringify([service.entry, issuer.entry])}
`;
  const served = await serveWithCrew(2, { yaml, env: { ASSAY_STORE_TIMEOUT: undefined } });
  const { first, second, secondPid } = await two(served, { secret: issuer.secret });
  const { access_token: token } = await admin.issue({ mint: { client_id: "web", subject: "a", audience: [API] } });
  for (const client of [first, second]) expect(await client.introspect({ token })).toMatchObject({ active: true });
  const isRevoked = async () => (await first.introspect({ token })).active !== true;
  await withFrozen(secondPid, () => first.revoke({ token }), isRevoked);
  expect(await second.introspect({ token })).toMatchObject({ inactive_reason: "INACTIVE_REASON_REVOKED" });
});

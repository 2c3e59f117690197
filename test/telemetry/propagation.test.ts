import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { issuer, startAuthority, startVerifier } from "../support/deployment.ts";
import { eventually } from "../support/eventually.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { metricsAddress, scrape } from "./scrape.ts";

const NAME = "assay_revocations_propagation_seconds";
/** More than any test takes, and less than any confusion of units or clocks. */
const SANE_SECONDS = 60;

test.each<[string, () => Promise<string>]>([
  [
    "Redis",
    async () => {
      const redis = await startRedisServer();
      onTestFinished(() => redis.remove());
      return redis.url;
    },
  ],
  ["one SQLite file", async () => `sqlite:${join(await temporaryDirectory(), "shared.db")}`],
])("over %s an instance measures how long it took to learn of what another revoked", async (_store, open) => {
  const settings = { store: await open(), keys: { master_key: randomBytes(32).toString("base64url") } };
  const writer = await startServer(settings);
  const reader = await startServer({ ...settings, telemetry: { prometheus_address: "127.0.0.1:0" } });
  for (const sub of ["alice", "bob"]) await writer.client().revoke({ subject: { sub } });

  expect(await measured(reader, 2)).toBeLessThan(2 * SANE_SECONDS);
});

test("a verifier measures it over both hops, of each revocation that comes after its start", async () => {
  const authority = await startAuthority();
  const writer = authority.client(issuer);
  await writer.revoke({ subject: { sub: "before" } });
  const verifier = await startVerifier([authority.address], { telemetry: { prometheus_address: "127.0.0.1:0" } });
  await writer.revoke({ subject: { sub: "alone" } });
  // Of those that come together a verifier is told only where the last is in the log.
  const together = Array.from({ length: 30 }, (_, number) => writer.revoke({ subject: { sub: `${number}` } }));
  await Promise.all(together);
  expect(await measured(verifier, 1 + together.length)).toBeLessThan((1 + together.length) * SANE_SECONDS);
});

/** The sum of exactly so many delays, in seconds. */
async function measured(server: TestServer, count: number): Promise<number> {
  const metrics = await eventually("all have come", async () => {
    const now = await scrape(metricsAddress(server.log()));
    return now.value(`${NAME}_count`) === count ? now : undefined;
  });
  return metrics.value(`${NAME}_sum`) ?? Infinity;
}

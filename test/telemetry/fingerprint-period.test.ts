import { expect, test } from "vitest";
import { issuer, service, startAuthority, startVerifier } from "../support/deployment.ts";
import { until } from "../support/until.ts";
import { API, type TestServer } from "../support/server.ts";

const PERIOD = "300d";

/** Of the family in the first signal that it logs. */
async function familyInSignal(server: TestServer): Promise<unknown> {
  const line = await until("a signal is logged", () =>
    server
      .log()
      .split("\n")
      .find((one) => one.includes("signal: revoked_token_used")),
  );
  const signal: Record<string, unknown> = JSON.parse(line);
  return signal["assay.family.fingerprint"];
}

test("a verifier makes the fingerprints of its authority's period, which it is told", async () => {
  const authority = await startAuthority({ telemetry: { fingerprint_period: PERIOD } });
  const verifier = await startVerifier([authority.address]);
  const issuing = authority.client(issuer);
  const { access_token: token } = await issuing.issue({ mint: { client_id: "web", subject: "bob", audience: [API] } });
  const { revision = "" } = await issuing.revoke({ token });
  for (const server of [authority, verifier])
    await server.client(service).introspect({ token, at_least_as_fresh: revision });
  expect(await familyInSignal(verifier)).toBe(await familyInSignal(authority));
});

test("another period waits for a restart", async () => {
  const authority = await startAuthority();
  await authority.reload({ development: true, telemetry: { fingerprint_period: PERIOD } });
  expect(authority.log()).toContain("some changed settings wait for a restart");
});

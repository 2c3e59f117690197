/** A verifier counts from how many networks a token comes where its authorities count, and so where all other verifiers do. */
import { randomBytes } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import type { NetworkStore } from "../../src/core/ports.ts";
import { followRevocations } from "../../src/core/revocations/revocations.ts";
import { openUpstream } from "../../src/store/upstream/open-upstream.ts";
import { untraced } from "../../src/telemetry/trace.ts";
import { startAuthority, verifierCaller, writeSecret } from "../support/deployment.ts";
import { provingStep, startLyingAuthority } from "../support/lying-authority.ts";
import { ISSUER } from "../support/server.ts";

const HOUR = 3_600_000;

async function follow(address: string): Promise<NetworkStore> {
  const upstream = openUpstream({
    addresses: [{ kind: "tcp", host: "127.0.0.1", port: Number(address.split(":")[1]) }],
    issuer: ISSUER,
    secretFile: await writeSecret(verifierCaller.secret),
    timeoutMs: 2_000,
    maxStalenessMs: HOUR,
    trace: untraced,
    log: () => undefined,
  });
  const view = followRevocations({ store: upstream.revocations, maxStalenessMs: HOUR });
  onTestFinished(async () => {
    await view.close();
    upstream.close();
  });
  return upstream.networks;
}

test("two verifiers of one authority add up", async () => {
  const { address } = await startAuthority();
  const verifiers = [await follow(address), await follow(address)];
  const [token, known] = [randomBytes(16), randomBytes(16)];
  const counts = [];
  for (const one of verifiers)
    counts.push(await one.count(token, known, HOUR), await one.count(token, randomBytes(16), HOUR));
  expect(counts).toEqual([1, 2, 2, 3]);
});

test("a window arrives as it is, to the millisecond: an hour is the longest", async () => {
  const { address } = await startAuthority();
  const networks = await follow(address);
  expect(await networks.count(randomBytes(16), randomBytes(16), HOUR)).toBe(1);
  expect(await networks.count(randomBytes(16), randomBytes(16), HOUR - 1)).toBe(1);
  const tooLong = networks.count(randomBytes(16), randomBytes(16), HOUR + 1);
  await expect(tooLong).rejects.toMatchObject({ code: "store_unavailable" });
});

test.each([0, -1])("an authority that counts %i networks is not believed", async (networks) => {
  const lying = await follow(await startLyingAuthority({ steps: () => [provingStep()], networks }));
  const counting = lying.count(randomBytes(16), randomBytes(16), HOUR);
  await expect(counting).rejects.toMatchObject({ code: "store_unavailable" });
});

test("without an authority nothing is counted", async () => {
  const authority = await startAuthority();
  const networks = await follow(authority.address);
  await networks.count(randomBytes(16), randomBytes(16), HOUR);
  await authority.stop();
  const counting = networks.count(randomBytes(16), randomBytes(16), HOUR);
  await expect(counting).rejects.toMatchObject({ code: "store_unavailable" });
});

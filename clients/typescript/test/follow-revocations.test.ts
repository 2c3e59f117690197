/** What the cache believes of a service that is slow, wrong about the time, or says too little. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../../../test/support/eventually.ts";
import { type Lies, provingStep, revisionAt, startLyingAuthority } from "../../../test/support/lying-authority.ts";
import { openCache } from "../src/cache/answer-cache.ts";
import { type Followed, followRevocations } from "../src/cache/follow-revocations.ts";
import { nameOf } from "../src/cache/live-revocations.ts";
import { type Channel, openChannel } from "../src/channel.ts";
import { IntrospectResponse } from "../src/gen/assay/v1/token_service.ts";
import { readIntrospection } from "../src/read-introspection.ts";

const DIGEST = Buffer.alloc(16, 7);
const OTHER = Buffer.alloc(16, 8);
const named = (bornAtMs: number, digest = DIGEST) => [{ digest: nameOf(digest), bornAtMs }];

async function channelTo(lies: Lies): Promise<Channel> {
  const channel = openChannel({ address: await startLyingAuthority(lies) });
  onTestFinished(() => channel.client.close());
  return channel;
}

async function follow(lies: Lies, maxRevocations = 10): Promise<Followed> {
  const followed = followRevocations(await channelTo(lies), { maxRevocations, changed: () => undefined });
  onTestFinished(() => followed.close());
  return followed;
}

function isTold(followed: Followed): Promise<true> {
  return eventually("it was told", () => (followed.nameOneOf(named(0)) ? true : undefined));
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

test("a proof is as old as the store says, and at its oldest where the network was slow", async () => {
  const old = await follow({ steps: () => [provingStep({ proved_at_ms: Date.now() - 5_000 })] });
  expect(await eventually("it was proved", () => finite(old.staleForMs()))).toBeGreaterThan(4_900);
  const slow = await follow({ steps: () => [provingStep()], synced: async () => sleep(400, {}) });
  expect(await eventually("it was proved", () => finite(slow.staleForMs()))).toBeGreaterThan(200);
});

test("a proof of the time to come is none", async () => {
  const step = provingStep({ proved_at_ms: Date.now() + 60_000, revocations: [{ digest: DIGEST }] });
  const followed = await follow({ steps: () => [step] });
  await isTold(followed);
  expect(followed.staleForMs()).toBe(Infinity);
});

test("a service whose time is another's is compared with its own time", async () => {
  const aheadMs = 3_600_000;
  const followed = await follow({ aheadMs, steps: () => [provingStep({ proved_at_ms: Date.now() + aheadMs - 5 })] });
  const staleForMs = await eventually("it was proved", () => finite(followed.staleForMs()));
  expect(staleForMs).toBeLessThan(aheadMs / 2);
});

test("while the live revocations are being told nothing is proved", async () => {
  const step = provingStep({ revision: undefined, proved_at_ms: undefined, revocations: [{ digest: DIGEST }] });
  const followed = await follow({ steps: () => [step] });
  await isTold(followed);
  expect(followed.staleForMs()).toBe(Infinity);
});

test("a log without its beginning is not believed", async () => {
  const followed = await follow({ steps: () => [provingStep({ from_beginning: false })] });
  await eventually("it says why", () => /beginning/.exec(followed.problem() ?? "")?.[0]);
  expect(followed.staleForMs()).toBe(Infinity);
});

test("when everything is told anew, nothing is proved before it has been", async () => {
  let told = 0;
  const followed = await follow({
    watched: (stream) => {
      told += 1;
      if (told === 1) {
        stream.write(provingStep());
        stream.end();
      } else stream.write({ from_beginning: true, revocations: [{ digest: DIGEST }] });
    },
  });
  await isTold(followed);
  expect(followed.staleForMs()).toBe(Infinity);
});

test("a stream that ends is begun again after the last revision", async () => {
  const after: unknown[] = [];
  await follow({
    watched: (stream) => {
      after.push(stream.request);
      stream.write(provingStep({ revision: revisionAt(7) }));
      stream.end();
    },
  });
  await eventually("it came again", () => (after.length > 1 ? true : undefined));
  expect(after.slice(0, 2)).toMatchObject([{ digests_only: true }, { after: revisionAt(7), digests_only: true }]);
});

test("more revocations than may be kept close the cache, and the reason says what to raise", async () => {
  const revocations = [{ digest: DIGEST }, { digest: OTHER }];
  const followed = await follow({ steps: () => [provingStep({ revocations })] }, 1);
  await eventually("it says why", () => /maxRevocations/.exec(followed.problem() ?? "")?.[0]);
  expect(followed.staleForMs()).toBe(Infinity);
});

test("a revocation names what was born by its cut-off, and told again it only becomes stronger", async () => {
  const revocations = [
    { digest: DIGEST, born_at_or_before_ms: 1_000 },
    { digest: DIGEST, born_at_or_before_ms: 10 },
    { digest: OTHER },
    { digest: OTHER, born_at_or_before_ms: 10 },
  ];
  const followed = await follow({ steps: () => [provingStep({ revocations })] });
  await isTold(followed);
  expect([1_000, 1_001].map((born) => followed.nameOneOf(named(born)))).toEqual([true, false]);
  expect(followed.nameOneOf(named(Number.MAX_SAFE_INTEGER, OTHER))).toBe(true);
});

test("an answer of an instance that lags behind the revocations is not used", async () => {
  const channel = await channelTo({ steps: () => [provingStep({ revocations: [{ digest: DIGEST }] })] });
  const cache = openCache(channel, { maxStalenessMs: 20_000 });
  onTestFinished(() => cache.close());
  await eventually("the cache is open", () => (cache.problem() === undefined ? true : undefined));
  const found = [DIGEST, OTHER].map((digest) => {
    const place = cache.place(digest.toString("hex"), "0");
    const response = {
      ...IntrospectResponse.decode(Buffer.of(8, 1)),
      cacheable_for: { seconds: 60, nanos: 0 },
      marks: [{ digest, born_at_ms: 1 }],
    };
    place.keep(readIntrospection(response), response, performance.now());
    return place.find()?.active;
  });
  expect(found).toEqual([undefined, true]);
});

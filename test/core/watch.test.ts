import { randomUUID } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, onTestFinished, test } from "vitest";
import { appendRevocation } from "../../src/core/append-revocation.ts";
import { type Tell, type WatchRequest, watchRevocations, type WatchStep } from "../../src/core/watch.ts";
import { caller, ISSUER, openTestCore, type TestCore } from "../support/core-environment.ts";
import { eventually } from "../support/eventually.ts";
import { leavingCall } from "../support/leaving-call.ts";

/** So many entries of the log are shared by all who watch, at most. */
const SHARED_AT_MOST = 8_192;
const AT_ONCE = 250;

type Watch = { steps: WatchStep[]; told(): string[]; leave(): void; ended: Promise<unknown> };

const all: WatchRequest = { digestsOnly: false };

/** A watch that ends with the test. `tell` is asked before a step is noted. */
function begin({ environment }: TestCore, request: WatchRequest = all, tell: Tell = async () => undefined): Watch {
  const call = leavingCall();
  onTestFinished(() => call.leave());
  const steps: WatchStep[] = [];
  const ended = watchRevocations({ ...environment, call }, caller(), request, async (step) => {
    await tell(step);
    steps.push(step);
  }).catch((error: unknown) => error);
  const told = (): string[] =>
    steps.flatMap(({ revocations }) =>
      revocations.map(({ selector }) => (selector?.kind === "subject" ? selector.sub : "unknown")),
    );
  return { steps, told, leave: () => call.leave(), ended };
}

async function revoke({ environment }: TestCore, subs: readonly string[]): Promise<void> {
  const append = (sub: string) =>
    appendRevocation(
      environment,
      { kind: "subject", iss: ISSUER, sub },
      { keep: "for-good", cutOff: 1, reason: `${sub}!` },
    );
  // A busy disk may let one take too long: it is repeated, as a caller would.
  const appendForSure = (sub: string) => eventually("it is revoked", () => append(sub).catch(() => undefined));
  for (let at = 0; at < subs.length; at += AT_ONCE) await Promise.all(subs.slice(at, at + AT_ONCE).map(appendForSure));
}

function subjects(count: number): string[] {
  return Array.from({ length: count }, () => randomUUID());
}

function untilTold(watch: Watch, names: readonly string[]): Promise<true> {
  return eventually("all has been told", () => {
    const told = new Set(watch.told());
    return names.every((name) => told.has(name)) || undefined;
  });
}

test("what is in force is told in parts of 500 at most, and a revision only after the last of them", async () => {
  const core = await openTestCore();
  const names = subjects(1_203);
  await revoke(core, names);
  const watch = begin(core);
  await untilTold(watch, names);
  const parts = watch.steps.slice(0, 3);
  expect(parts.map(({ revocations }) => revocations.length)).toEqual([500, 500, 203]);
  expect(parts.map(({ isFromBeginning }) => isFromBeginning)).toEqual([true, false, false]);
  expect(parts.map(({ revision }) => revision)).toEqual([undefined, undefined, undefined]);
  await eventually("a revision", () => watch.steps[3]?.revision);
  expect(watch.steps[3]).toMatchObject({ revocations: [], revision: core.environment.revocations.revision() });
});

test("an empty log has a beginning too, with a revision and a proof", async () => {
  const watch = begin(await openTestCore());
  const first = await eventually("the first step", () => watch.steps[0]);
  expect(first).toMatchObject({ revocations: [], isFromBeginning: true });
  expect(first.revision).toBeDefined();
  expect(first.provedAtMs).toBeDefined();
});

test("what is revoked while the live revocations are told comes after them", async () => {
  const core = await openTestCore();
  const before = subjects(1_000);
  await revoke(core, before);
  const meanwhile = Promise.withResolvers<void>();
  const watch = begin(core, all, () => meanwhile.promise);
  const after = subjects(3);
  await revoke(core, after);
  meanwhile.resolve();
  await untilTold(watch, [...before, ...after]);
  const later = watch.steps.filter(({ revision }) => revision !== undefined);
  expect(later.flatMap(({ revocations }) => revocations)).toHaveLength(3);
});

test("a watch after a known revision begins there", async () => {
  const core = await openTestCore();
  await revoke(core, subjects(3));
  const first = begin(core);
  const after = await eventually("a revision", () => first.steps.at(-1)?.revision);
  const names = subjects(2);
  await revoke(core, names);
  const second = begin(core, { after, digestsOnly: false });
  await untilTold(second, names);
  expect(second.told().toSorted()).toEqual(names.toSorted());
  expect(second.steps.some(({ isFromBeginning }) => isFromBeginning)).toBe(false);
});

test("selector and reason are told to whoever wants them, the digest to all", async () => {
  const core = await openTestCore();
  await revoke(core, ["alice"]);
  const [clear, digests] = [begin(core), begin(core, { digestsOnly: true })];
  const [told] = (await eventually("a step", () => clear.steps[0])).revocations;
  expect(told).toMatchObject({ selector: { kind: "subject", iss: ISSUER, sub: "alice" }, reason: "alice!", cutOff: 1 });
  const [bare] = (await eventually("a step", () => digests.steps[0])).revocations;
  expect(bare?.digest).toEqual(told?.digest);
  expect(bare).not.toHaveProperty("selector");
});

test("proofs of freshness go on while nothing is revoked", async () => {
  const core = await openTestCore();
  const { clock } = core.environment.store;
  const watch = begin(core);
  const times = await eventually("four proofs", () => {
    const proofs = watch.steps.map(({ provedAtMs }) => provedAtMs).filter((time) => time !== undefined);
    return proofs.length >= 4 ? proofs : undefined;
  });
  // The test's clock stands still: a proof is as old as it is.
  expect(times.every((time) => time <= clock.now() && time > clock.now() - 1_000)).toBe(true);
});

test("whoever does not read is dropped when the log has gone on too far, and told so; others are told everything", async () => {
  const core = await openTestCore();
  const stuck = begin(core, all, () => new Promise(() => undefined));
  const quick = begin(core);
  // Who begins after all that is told it as what is held, and is not behind. The one that does not read has begun before this one.
  await eventually("both have begun", () => quick.steps[0]);
  const names = subjects(SHARED_AT_MOST + 1);
  await revoke(core, names);
  expect(await stuck.ended).toMatchObject({ code: "watcher_too_slow" });
  await untilTold(quick, names);
});

test("a hundred who do not read take no more memory than one: what they have not read is shared", async () => {
  const core = await openTestCore();
  const stuck = Array.from({ length: 100 }, () => begin(core, all, () => new Promise(() => undefined)));
  const used = heapUsed();
  await revoke(core, subjects(SHARED_AT_MOST / 2));
  // A reference for each of them and each entry alone would be 3 MB, the entries themselves 100 MB.
  expect(heapUsed() - used).toBeLessThan(16_000_000);
  for (const watch of stuck) watch.leave();
  const ends = await Promise.all(stuck.map(({ ended }) => ended));
  expect(new Set(ends.map((end) => Object(end).code))).toEqual(new Set(["call_gone"]));
});

test("a watch ends when its caller leaves, whether it waits for news or for the caller", async () => {
  const core = await openTestCore();
  const [waiting, stuck] = [begin(core), begin(core, all, () => new Promise(() => undefined))];
  await eventually("it has begun", () => waiting.steps[0]);
  for (const watch of [waiting, stuck]) watch.leave();
  expect(await waiting.ended).toMatchObject({ code: "call_gone" });
  expect(await stuck.ended).toMatchObject({ code: "call_gone" });
});

test("nobody watches without the permission", async () => {
  const { environment } = await openTestCore();
  const watching = watchRevocations(
    environment,
    caller({ permissions: new Set(["introspect"]) }),
    all,
    async () => undefined,
  );
  await expect(watching).rejects.toMatchObject({ code: "permission_missing" });
});

function heapUsed(): number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("the garbage cannot be collected");
  collect();
  return process.memoryUsage().heapUsed;
}

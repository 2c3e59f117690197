/** What a verifier's view takes for a proof that no revocation is missing: never one of another log, time, or moment than it seems. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { followRevocations, type RevocationView } from "../../src/core/revocations/revocations.ts";
import { openUpstream } from "../../src/store/upstream/open-upstream.ts";
import { untraced } from "../../src/telemetry/trace.ts";
import { eventually } from "../support/eventually.ts";
import { type Lies, provingStep, revisionAt, startLyingAuthority } from "../support/lying-authority.ts";
import { ISSUER } from "../support/server.ts";

type Stream = Parameters<NonNullable<Lies["watched"]>>[0];

const HOUR = 3_600_000;
const SECOND = 1_000;
const unavailable = { code: "store_unavailable" };
/** By which it is known that a step has been taken. */
const mark = { revocations: [{ digest: Buffer.alloc(16, 7) }] };

/** Its time is known less well than that of one that answers at once, and its only proof is old. */
const slowAndOld: Lies = {
  synced: async () => {
    await sleep(100);
    return {};
  },
  steps: () => [provingStep({ proved_at_ms: Date.now() - 900, ...mark })],
};

async function follow(authorities: readonly Lies[], maxStalenessMs = HOUR): Promise<RevocationView> {
  const ports = await Promise.all(authorities.map(async (lies) => (await startLyingAuthority(lies)).split(":")[1]));
  const upstream = openUpstream({
    addresses: ports.map((port) => ({ kind: "tcp", host: "127.0.0.1", port: Number(port) })),
    issuer: ISSUER,
    timeoutMs: 500,
    maxStalenessMs,
    trace: untraced,
    log: () => undefined,
  });
  const view = followRevocations({ store: upstream.revocations, maxStalenessMs });
  onTestFinished(async () => {
    await view.close();
    upstream.close();
  });
  return view;
}

function marked(view: RevocationView): Promise<true> {
  return eventually("the step was taken", () => (view.size().entries === 1 ? true : undefined));
}

test("a proof that is asked for is a new one, however fresh the last is", async () => {
  let answer: object | Promise<object> = {};
  const view = await follow([{ steps: () => [provingStep()], synced: () => answer }]);
  await view.prove();
  answer = new Promise(() => undefined);
  await expect(view.prove()).rejects.toMatchObject(unavailable);
  expect(view.problem()).toBeUndefined();
});

test("a new proof is never one that was asked for before", async () => {
  const held = Promise.withResolvers<object>();
  let asked = 0;
  let isHeld = false;
  const synced = (): object | Promise<object> => {
    if (!isHeld) return {};
    asked += 1;
    return held.promise;
  };
  const view = await follow([{ steps: () => [provingStep()], synced }]);
  await view.prove();
  isHeld = true;
  const proofs = [view.prove(), view.prove()];
  await eventually("both are asked for", () => (asked > 1 ? true : undefined));
  held.resolve({});
  await expect(Promise.all(proofs)).resolves.toHaveLength(2);
});

test("a proof that is asked for and turns out to be old is none", async () => {
  let provedForMs = 0;
  const synced = (): object => ({ proved_at_ms: Date.now() - provedForMs });
  const view = await follow([{ steps: () => [provingStep()], synced }], SECOND);
  await view.prove();
  provedForMs = 2 * SECOND;
  await expect(view.prove()).rejects.toMatchObject(unavailable);
});

test("what a former stream told counts no more before the next has told where it goes on", async () => {
  const streams: Stream[] = [];
  const told = provingStep({ revision: revisionAt(100) });
  const view = await follow([
    {
      watched: (stream) => {
        if (streams.push(stream) === 1) stream.write(told);
      },
      synced: () => ({ revision: revisionAt(streams.length > 1 ? 60 : 100) }),
    },
  ]);
  await view.prove();
  streams[0]?.end();
  await eventually("it is watched anew", () => (streams.length > 1 ? true : undefined));
  await expect(view.prove()).rejects.toMatchObject(unavailable);
});

test("a store that has gone back to before what was told proves nothing until it has been told anew", async () => {
  let stream: Stream | undefined;
  let position = 100;
  const view = await follow([
    {
      watched: (watched) => {
        stream = watched;
        watched.write(provingStep({ revision: revisionAt(position) }));
      },
      synced: () => ({ revision: revisionAt(position) }),
    },
  ]);
  await view.prove();
  position = 60;
  await expect(view.prove()).rejects.toMatchObject(unavailable);
  stream?.write(provingStep({ revision: revisionAt(60), ...mark }));
  await marked(view);
  await view.prove();
  expect(view.revision()).toBe(revisionAt(60));
});

function outOfOrder(): object[] {
  return [
    provingStep({ revision: revisionAt(2) }),
    provingStep({ revision: revisionAt(1), from_beginning: false, ...mark }),
  ];
}

test("an authority that tells the log out of its order is left", async () => {
  let streams = 0;
  const view = await follow([{ steps: outOfOrder, watched: () => void (streams += 1) }]);
  await eventually("it is watched anew", () => (streams > 1 ? true : undefined));
  expect(view.size().entries).toBe(0);
});

test("the proofs of an authority are dated by its own time, however well another's was known", async () => {
  const streams: Stream[] = [];
  const behind = { aheadMs: -600, steps: () => [provingStep({ proved_at_ms: Date.now() - 605 })] };
  const keys = sharedKeys();
  const one: Lies = { ...behind, ...keys, watched: (stream) => void streams.push(stream) };
  const view = await follow([one, { ...keys, ...slowAndOld }], 500);
  await view.prove();
  expect(view.problem()).toBeUndefined();
  streams[0]?.end();
  await marked(view);
  expect(view.problem()).toBeDefined();
});

test("what was proved before the machine slept is known to be old, and the next proofs count", async () => {
  const now = Date.now.bind(Date);
  let sleptMs = 0;
  const clock = vi.spyOn(Date, "now").mockImplementation(() => now() + sleptMs);
  onTestFinished(() => clock.mockRestore());
  let stream: Stream | undefined;
  const view = await follow([{ steps: () => [provingStep()], watched: (watched) => void (stream = watched) }], SECOND);
  await view.prove();
  expect(view.problem()).toBeUndefined();
  const sent = [{}, mark].map((more) => provingStep({ from_beginning: false, ...more }));
  sleptMs = 10 * SECOND;
  for (const step of sent) stream?.write(step);
  await marked(view);
  expect(view.problem()).toBeDefined();
  await eventually("it is fresh again", async () => {
    await view.prove().catch(() => undefined);
    return view.problem() === undefined ? true : undefined;
  });
});

/** Of one deployment. */
function sharedKeys(): Pick<Lies, "joined"> {
  const keys = {
    selector_key: Buffer.alloc(32, 1),
    fingerprint_key: Buffer.alloc(32, 2),
    nonce_key: Buffer.alloc(32, 3),
  };
  return { joined: () => keys };
}

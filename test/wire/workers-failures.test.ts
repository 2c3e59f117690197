import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { TestClient } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failure-of.ts";
import { API } from "../support/server.ts";
import { type ServedByCrew, serveWithCrew, signal, two } from "./crew.ts";

async function mint(client: TestClient): Promise<string> {
  const issued = await client.issue({ mint: { client_id: "dev", subject: "alice", audience: [API] } });
  return issued.access_token;
}

function replaced(served: ServedByCrew, number: number, pid: number): Promise<number> {
  return eventually(
    "another worker serves",
    () => {
      const present = served.pids().get(number);
      return present === pid ? undefined : present;
    },
    30_000,
  );
}

test("a worker that is killed is replaced, the calls of the others go on, and its own fail as those that may be retried", async () => {
  const served = await serveWithCrew(2);
  const { first, second, secondPid } = await two(served);
  const token = await mint(first);
  signal(secondPid, "SIGKILL");
  expect(await failureOf(untilItFails(() => second.introspect({ token })))).toMatchObject({ code: "UNAVAILABLE" });
  expect(await first.introspect({ token })).toMatchObject({ active: true });
  await replaced(served, 2, secondPid);
  const anew = (await served.connectToEach()).get(2);
  expect(await anew?.introspect({ token })).toMatchObject({ active: true });
  expect(served.log()).toContainEqual(expect.objectContaining({ worker: 2, worker_pid: secondPid, signal: "SIGKILL" }));
});

test("whatever worker answers a new connection knows what was revoked before, also while one is being replaced", async () => {
  const served = await serveWithCrew(2);
  const { first, secondPid } = await two(served);
  signal(secondPid, "SIGKILL");
  const met = new Set<number>();
  await eventually("both numbers have been met", async () => {
    const token = await mint(first);
    await first.revoke({ token });
    const stranger = served.connect();
    expect(await stranger.introspect({ token })).toMatchObject({ inactive_reason: "INACTIVE_REASON_REVOKED" });
    met.add(await served.workerOf(stranger));
    return met.size === 2 ? true : undefined;
  });
});

test("while a worker is frozen nothing is said to be revoked; it is killed and replaced, and then it is", async () => {
  const served = await serveWithCrew(2, { env: { ASSAY_STORE_TIMEOUT: "1s" } });
  const { first, second, secondPid } = await two(served);
  const token = await mint(first);
  expect(await second.introspect({ token })).toMatchObject({ active: true });
  signal(secondPid, "SIGSTOP");
  const failure = await failureOf(first.revoke({ token }));
  expect(failure).toMatchObject({ code: "UNAVAILABLE", reason: "STORE_UNAVAILABLE" });
  expect(failure.message).toContain("the outcome is unknown");
  expect(await first.introspect({ token })).toMatchObject({ inactive_reason: "INACTIVE_REASON_REVOKED" });
  await replaced(served, 2, secondPid);
  expect(served.log()).toContainEqual(expect.objectContaining({ msg: "a worker does not answer: it is killed" }));
  expect(await first.revoke({ token })).toMatchObject({ durability: "DURABILITY_LOCAL" });
});

describe("where no worker can be started for a while", () => {
  const ENDED = "a worker ended: another takes its place";

  test("it is tried again for as long as another serves", async () => {
    const served = await serveWithCrew(2);
    const { first, secondPid } = await two(served);
    const token = await mint(first);
    const key = join(served.directory, "data/keys/master.key");
    await rename(key, `${key}.away`);
    signal(secondPid, "SIGKILL");
    const tries = () =>
      served.log().filter(({ msg, sentence }) => msg === ENDED && /master key/.test(String(sentence)));
    await eventually("two have been in vain", () => (tries().length > 1 ? true : undefined), 30_000);
    expect(await first.introspect({ token })).toMatchObject({ active: true });
    await first.revoke({ token });
    await rename(`${key}.away`, key);
    await replaced(served, 2, secondPid);
  });

  test("and none serves any more, it ends as a start does that is refused", async () => {
    const served = await serveWithCrew(2);
    const { firstPid, secondPid } = await two(served);
    await rm(join(served.directory, "data/keys/master.key"));
    for (const pid of [firstPid, secondPid]) signal(pid, "SIGKILL");
    expect(await served.ended).toBe(1);
    expect(served.printed.stderr.match(/error .*master key.*/g)).toHaveLength(1);
  });
});

/** What was sent before the end of the process may still be answered. */
async function untilItFails(call: () => Promise<unknown>): Promise<never> {
  for (;;) await call();
}

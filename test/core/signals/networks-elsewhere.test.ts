import { randomBytes } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { deriveKeys, type SharedKeys } from "../../../src/core/derived-keys.ts";
import { AssayError } from "../../../src/core/error.ts";
import type { NetworkStore } from "../../../src/core/ports.ts";
import { networksElsewhere, type NetworksElsewhereOptions } from "../../../src/core/signals/networks-elsewhere.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open-sqlite-store.ts";
import { eventually } from "../../support/eventually.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const TOKEN = { high: -2_000_000_000, low: 7 };
const OTHER = { high: 7, low: -2_000_000_000 };
const HOUR = 3_600_000;
const MOST_WAITING = 1_024;
const keys = deriveKeys(randomBytes(32));

type Counted = { token: { high: number; low: number }; count: number };

/** One instance. */
function instance(store: NetworkStore, changes: Partial<NetworksElsewhereOptions<typeof TOKEN>> = {}) {
  const counts: Counted[] = [];
  const elsewhere = networksElsewhere({
    store,
    keys,
    windowMs: HOUR,
    atOnce: 4,
    counted: (token, count) => counts.push({ token, count }),
    ...changes,
  });
  const settled = (number: number): Promise<Counted[]> =>
    eventually("all is counted", () => (counts.length + elsewhere.dropped() === number ? counts : undefined));
  return { ...elsewhere, counts, settled };
}

async function openNetworks(): Promise<NetworkStore> {
  const path = join(await temporaryDirectory(), "assay.db");
  const store = await openSqliteStore({ path, timeoutMs: 10_000, greatestLifetimeMs: HOUR });
  onTestFinished(() => store.close());
  return store.networks;
}

/** Answers when it is told to. */
function heldStore() {
  const held: { token: Buffer; network: Buffer; windowMs: number; answer: PromiseWithResolvers<number> }[] = [];
  const store: NetworkStore = {
    count(token, network, windowMs) {
      const answer = Promise.withResolvers<number>();
      held.push({ token, network, windowMs, answer });
      return answer.promise;
    },
  };
  return { held, store };
}

test("the networks that two instances see of a token add up", async () => {
  const store = await openNetworks();
  const [one, other] = [instance(store), instance(store)];
  one.add(TOKEN, 1);
  await one.settled(1);
  other.add(TOKEN, "2001:db8::/48");
  other.add(OTHER, 1);
  expect(await other.settled(2)).toEqual(
    expect.arrayContaining([
      { token: TOKEN, count: 2 },
      { token: OTHER, count: 1 },
    ]),
  );
});

test("the store is told 16 bytes of each, and the same by every instance that shares the keys", async () => {
  const { held, store } = heldStore();
  for (const one of [instance(store), instance(store)]) one.add(TOKEN, "192.0.2.0/24");
  await nextTurn();
  const [first, second] = held;
  expect([first?.token.length, first?.network.length, first?.windowMs]).toEqual([16, 16, HOUR]);
  expect([second?.token, second?.network]).toEqual([first?.token, first?.network]);
});

test.for([
  ["another deployment's keys", { keys: deriveKeys(randomBytes(32)) }, TOKEN, "192.0.2.0/24"],
  ["another token", {}, OTHER, "192.0.2.0/24"],
] as const)("neither digest is the same for %s", async ([, changes, token, network]) => {
  const { held, store } = heldStore();
  instance(store).add(TOKEN, "192.0.2.0/24");
  instance(store, changes).add(token, network);
  await nextTurn();
  expect(held[1]?.token).not.toEqual(held[0]?.token);
  expect(held[1]?.network).not.toEqual(held[0]?.network);
});

test("nothing is asked before whoever adds has gone on", async () => {
  const { held, store } = heldStore();
  instance(store).add(TOKEN, 1);
  expect(held).toHaveLength(0);
  await nextTurn();
  expect(held).toHaveLength(1);
});

test("no more than so many questions are under way, and the rest follow in their order", async () => {
  const { held, store } = heldStore();
  const one = instance(store);
  for (let low = 0; low < 10; low++) one.add({ high: 0, low }, 1);
  for (let low = 0; low < 10; low++) {
    await eventually("the next is asked", () => (held.length > low ? true : undefined));
    expect(held.length).toBeLessThanOrEqual(low + 4);
    held[low]?.answer.resolve(1);
  }
  expect((await one.settled(10)).map(({ token }) => token.low)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("beyond so many that wait, what comes is dropped and counted", async () => {
  const { held, store } = heldStore();
  const one = instance(store);
  for (let low = 0; low < MOST_WAITING + 10; low++) one.add({ high: 0, low }, 1);
  expect(one.dropped()).toBe(10);
  await nextTurn();
  for (let low = 0; low < 5; low++) one.add({ high: 1, low }, 1);
  expect([held.length, one.dropped()]).toEqual([4, 11]);
});

test("what the store fails to count is dropped and counted, and the next is asked", async () => {
  const { held, store } = heldStore();
  const one = instance(store, { atOnce: 1 });
  one.add(TOKEN, 1);
  one.add(OTHER, 1);
  await nextTurn();
  held[0]?.answer.reject(new AssayError("store_unavailable", "gone"));
  await eventually("the next is asked", () => (held.length === 2 ? true : undefined));
  held[1]?.answer.resolve(3);
  expect(await one.settled(2)).toEqual([{ token: OTHER, count: 3 }]);
  expect(one.dropped()).toBe(1);
});

test("a store that throws at once stops nothing", async () => {
  const store: NetworkStore = {
    count: () => {
      throw new AssayError("store_unavailable", "closed");
    },
  };
  const one = instance(store);
  for (let low = 0; low < 20; low++) one.add({ high: 0, low }, 1);
  expect(await one.settled(20)).toEqual([]);
  expect(one.dropped()).toBe(20);
});

test("before a verifier has joined, nothing is counted, and from then on it is", async () => {
  const store = await openNetworks();
  let joined: SharedKeys | undefined;
  const later: SharedKeys = {
    get selector() {
      return this.fingerprint;
    },
    get nonce() {
      return this.fingerprint;
    },
    get fingerprint() {
      if (joined === undefined) throw new AssayError("keys_unavailable", "not yet");
      return joined.fingerprint;
    },
  };
  const one = instance(store, { keys: later });
  one.add(TOKEN, 1);
  await one.settled(1);
  expect(one.dropped()).toBe(1);
  joined = keys;
  one.add(TOKEN, 1);
  expect(await one.settled(2)).toEqual([{ token: TOKEN, count: 1 }]);
});

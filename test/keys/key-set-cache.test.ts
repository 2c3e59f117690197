import { describe, expect, test } from "vitest";
import { freshnessOf } from "../../src/keys/cache-control.ts";
import { parseForeignKeySet } from "../../src/keys/foreign-key-set.ts";
import { openIssuerKeys } from "../../src/keys/issuer-keys.ts";
import { cachedKeySet, type CachePolicy, type LoadedKeySet } from "../../src/keys/key-set-cache.ts";
import { eventually } from "../support/eventually.ts";
import { foreignKeyPair } from "./foreign-key-pair.ts";
import { json, startKeyServer } from "./key-server.ts";

const one = await foreignKeyPair("ES256", "one");
const ONE = { alg: "ES256", kid: "one" };
const NOBODY = { alg: "ES256", kid: "nobody" };
const ISSUER = "https://issuer.example";
const HOUR = 3_600_000;

describe("a set of keys", () => {
  test("is loaded again before it grows too old, in the background: nobody waits for it", async () => {
    const { keys, loads, answer } = sourceOf({ maxAge: 1_000, coolDown: 0, maxStale: 0 });
    await keys.find(ONE);
    answer(new Promise<LoadedKeySet>(() => undefined));
    await eventually("a load in the background", async () => {
      expect(await keys.find(ONE)).toBeDefined();
      return loads() === 2 ? true : undefined;
    });
    expect(await keys.find(ONE)).toBeDefined();
  });

  test("is asked for again within the cool-down neither after a success nor after a failure", async () => {
    const { keys, loads, answer } = sourceOf({ maxAge: HOUR, coolDown: HOUR, maxStale: HOUR });
    answer(Promise.reject(new Error("down")));
    for (let count = 0; count < 10; count++)
      await expect(keys.find(ONE)).rejects.toMatchObject({ code: "keys_unavailable" });
    expect(loads()).toBe(1);
  });

  test("is asked for once more where a key was published while a load was under way", async () => {
    const { keys, loads, answer } = sourceOf({ maxAge: HOUR, coolDown: 0, maxStale: HOUR });
    const { promise, resolve } = Promise.withResolvers<LoadedKeySet>();
    answer(promise);
    const first = keys.find(ONE);
    await eventually("a load", () => (loads() === 1 ? true : undefined));
    answer(Promise.resolve(loaded([one.publicJwk])));
    const second = keys.find(ONE);
    resolve(loaded([]));
    expect(await first).toBeUndefined();
    expect(await second).toBeDefined();
    expect(loads()).toBe(2);
  });

  test("is asked for ever more rarely while it fails", async () => {
    const { keys, loads, answer } = sourceOf({ maxAge: HOUR, coolDown: 100, maxStale: HOUR });
    answer(Promise.reject(new Error("down")));
    const began = performance.now();
    await eventually("four loads", async () => {
      await expect(keys.find(ONE)).rejects.toThrow("cannot be fetched");
      return loads() === 4 ? true : undefined;
    });
    // At once, then after 1, 2 and 4 cool-downs at the least.
    expect(performance.now() - began).toBeGreaterThanOrEqual(700);
  });

  test("says of no kid that it is unknown while it cannot be loaded", async () => {
    const { keys, answer } = sourceOf({ maxAge: HOUR, coolDown: 0, maxStale: HOUR });
    expect(await keys.find(NOBODY)).toBeUndefined();
    answer(Promise.reject(new Error("down")));
    await expect(keys.find(NOBODY)).rejects.toMatchObject({ code: "keys_unavailable" });
    expect(await keys.find(ONE)).toBeDefined();
  });
});

describe("an answer's Cache-Control", () => {
  test.each<[string, string | undefined, number | undefined]>([
    ["max-age=60", undefined, 60_000],
    ["public, max-age=60, must-revalidate", undefined, 60_000],
    ["MAX-AGE=60", undefined, 60_000],
    ['max-age="60"', undefined, 60_000],
    ["max-age=60", "20", 40_000],
    ["max-age=60", "90", 0],
    ["max-age=60", "nonsense", 60_000],
    ["no-store", undefined, 0],
    ["no-cache, max-age=60", undefined, 0],
    ["s-maxage=60", undefined, undefined],
    ["max-age=-1", undefined, undefined],
    ["max-age=1e9", undefined, undefined],
    ["private", undefined, undefined],
  ])("%s with Age %s is fresh for %s ms", (control, age, expected) => {
    expect(freshnessOf({ "cache-control": control, ...(age === undefined ? {} : { age }) })).toBe(expected);
  });

  test("is honoured within bounds: no-store cannot make every call fetch, nor a year keep a key for a year", async () => {
    const server = await startKeyServer();
    const answer = (control: string) => {
      server.answers.set("/jwks", (request, response) => {
        response.setHeader("cache-control", control);
        json({ keys: [one.publicJwk] })(request, response);
      });
    };
    const options = { issuer: ISSUER, discovery: false, jwksUri: `${server.origin}/jwks`, allowHttpLoopback: true };
    answer("no-store");
    const eager = openIssuerKeys({ ...options, limits: { maxAge: HOUR, coolDown: HOUR } });
    for (let count = 0; count < 10; count++) await eager.find(ONE);
    expect(server.requests).toHaveLength(1);

    answer("max-age=31536000");
    const lazy = openIssuerKeys({ ...options, limits: { maxAge: 100, coolDown: 0 } });
    await eventually("another fetch", async () => {
      await lazy.find(ONE);
      return server.requests.length > 2 ? true : undefined;
    });
  });
});

test("what is fetched is told, with its outcome, and the age of the keys", async () => {
  const server = await startKeyServer();
  const told: unknown[] = [];
  let age: (() => number | undefined) | undefined;
  const observer = {
    fetched: (...report: unknown[]) => void told.push(report),
    follow: (_issuer: string, read: () => number | undefined) => void (age = read),
  };
  const source = { discovery: false, jwksUri: `${server.origin}/jwks`, allowHttpLoopback: true, observer };
  const keys = openIssuerKeys({ issuer: ISSUER, ...source, limits: { coolDown: 0 } });
  expect(age).toBeDefined();
  expect(age?.()).toBeUndefined();
  await expect(keys.find(ONE)).rejects.toThrow("cannot be fetched");
  server.answers.set("/jwks", json({ keys: [one.publicJwk] }));
  await keys.find(ONE);
  expect(told).toEqual([
    [ISSUER, "status"],
    [ISSUER, "fetched"],
  ]);
  expect(age?.()).toBeGreaterThanOrEqual(0);
});

function sourceOf(policy: CachePolicy) {
  let next: Promise<LoadedKeySet> = Promise.resolve(loaded([one.publicJwk]));
  let loads = 0;
  const load = (): Promise<LoadedKeySet> => {
    loads += 1;
    return next;
  };
  return {
    keys: cachedKeySet({ issuer: ISSUER, load }, policy),
    loads: () => loads,
    answer: (answer: Promise<LoadedKeySet>) => {
      answer.catch(() => undefined);
      next = answer;
    },
  };
}

function loaded(keys: object[]): LoadedKeySet {
  return { set: parseForeignKeySet({ keys }), freshFor: undefined };
}

import { describe, expect, test } from "vitest";
import { macKeyName } from "../../src/core/recognise-refresh-token.ts";
import { rotateKeyring } from "../../src/keys/keyring-administration.ts";
import type { OpenKeyring } from "../../src/keys/open-keyring.ts";
import { eventually } from "../support/eventually.ts";
import { DAY, MINUTE, policy } from "./keyring-policy.ts";
import { type Deployment, deployment, kidsOf } from "./keyring-under-test.ts";

describe("after a rotation, at instances that run", () => {
  test("the new key is published at once, and signs when it has been published long enough", async () => {
    const { one, other, before, kid, clock } = await rotated();
    for (const instance of [one, other]) {
      await published(instance, [before, kid]);
      expect(instance.keyring.active().kid).toBe(before);
    }
    clock.now += MINUTE;
    for (const { keyring } of [one, other]) expect(keyring.active().kid).toBe(kid);
  });

  test("the old key goes on verifying until everything that it signed is dead, then it goes", async () => {
    const { one, before, kid, clock } = await rotated();
    clock.now += MINUTE + 2 * 60 * MINUTE - 1;
    await one.keyring.takeOver();
    expect((await one.keyring.verificationKey(before))?.alg).toBe("EdDSA");
    expect(kidsOf(one)).toEqual([before, kid]);
    clock.now += 1;
    await one.keyring.takeOver();
    expect(await one.keyring.verificationKey(before)).toBeUndefined();
    expect(kidsOf(one)).toEqual([kid]);
  });

  test("a key that is new here is found in the store before it has been taken over", async () => {
    const { open, store, keysDir } = await deployment();
    const instance = await open();
    const [made] = await rotateKeyring({
      store,
      master: { dir: keysDir },
      policy: policy("ES256"),
      kinds: ["signing"],
    });
    expect((await instance.keyring.verificationKey(made?.id ?? ""))?.alg).toBe("ES256");
  });

  test("keys that are read anew are those that the store holds, whatever was looked for a moment ago", async () => {
    const { open, store, keysDir } = await deployment();
    const instance = await open();
    await instance.keyring.verificationKey("nobody's");
    const master = { dir: keysDir };
    const [made] = await rotateKeyring({ store, master, policy: policy("ES256"), kinds: ["signing"] });
    await instance.keyring.readAnew();
    expect(kidsOf(instance)).toContain(made?.id);
  });

  test("of many unknown names at once only one look into the store comes", async () => {
    const { open, store } = await deployment();
    const reads: number[] = [];
    const counting = { ...store.keyrings, read: () => (reads.push(reads.length), store.keyrings.read()) };
    const instance = await open({ store: { ...store, keyrings: counting } });
    const before = reads.length;
    const found = await Promise.all(
      Array.from({ length: 500 }, (_, place) => instance.keyring.verificationKey(`nobody-${place}`)),
    );
    expect(found.every((key) => key === undefined)).toBe(true);
    // Its own look each half second may come besides.
    expect(reads.length - before).toBeLessThan(5);
  });

  test("two rotations at once add two keys", async () => {
    const { open, store, keysDir } = await deployment();
    const instance = await open();
    const rotate = () =>
      rotateKeyring({ store, master: { dir: keysDir }, policy: policy(), kinds: ["signing", "mac"] });
    await Promise.all([rotate(), rotate()]);
    await instance.keyring.takeOver();
    expect(kidsOf(instance)).toHaveLength(3);
  });
});

describe("rotation by age", () => {
  test("gives a key one successor, however many instances see its age", async () => {
    const { open, clock } = await deployment();
    const instances = [await open(), await open(), await open()];
    const [first] = instances;
    if (first === undefined) throw new Error("no instance");
    const before = first.keyring.active().kid;
    const mac = first.macKeys.active().id;
    clock.now += 90 * DAY - MINUTE;
    await Promise.all(instances.map(({ keyring }) => keyring.takeOver()));
    for (const instance of instances) expect(kidsOf(instance)).toHaveLength(2);
    expect(first.keyring.active().kid).toBe(before);
    clock.now += MINUTE;
    const active = new Set(instances.map(({ keyring }) => keyring.active().kid));
    expect(active.size).toBe(1);
    expect(active.has(before)).toBe(false);
    expect(first.macKeys.active().id).not.toBe(mac);
    expect(await first.macKeys.byId(mac)).toBeDefined();
  });
});

describe("a key that is revoked", () => {
  test("is replaced at once at every instance, is not published any more, and is still known", async () => {
    const { open, revoke } = await deployment();
    const [one, other] = [await open(), await open()];
    const { kid } = one.keyring.active();
    await revoke(one, kid);
    await one.keyring.takeOver();
    expect(one.keyring.active().kid).not.toBe(kid);
    expect(kidsOf(one)).toEqual([one.keyring.active().kid]);
    await eventually("the other signs with the new key", () =>
      other.keyring.active().kid === one.keyring.active().kid ? true : undefined,
    );
    expect(await other.keyring.verificationKey(kid)).toBeDefined();
  });

  test("is noticed by an instance that was not told, and not replaced twice", async () => {
    const { open, revoke, store } = await deployment();
    const [one, other] = [await open(), await open()];
    const { kid } = one.keyring.active();
    await revoke(one, kid);
    await Promise.all([one.keyring.takeOver(), other.keyring.takeOver()]);
    expect(other.keyring.active().kid).toBe(one.keyring.active().kid);
    expect((await store.keyrings.read()).version).toBe(2);
  });

  test("may be the one that makes refresh tokens", async () => {
    const { open, revoke } = await deployment();
    const instance = await open();
    const { id } = instance.macKeys.active();
    await revoke(instance, macKeyName(id));
    await instance.keyring.takeOver();
    expect(instance.macKeys.active().id).not.toBe(id);
    expect(await instance.macKeys.byId(id)).toBeDefined();
  });
});

describe("a store that has gone back to an older keyring", () => {
  test("is not followed, and said to be so", async () => {
    const { open, revoke, store } = await deployment();
    const first = await store.keyrings.read();
    expect(first.version).toBe(0);
    const instance = await open();
    const { records } = await store.keyrings.read();
    const { kid } = instance.keyring.active();
    await revoke(instance, kid);
    await instance.keyring.takeOver();
    const older = { ...store.keyrings, read: async () => ({ version: 1, records }) };
    const behind = { ...store, keyrings: { ...store.keyrings } };
    const follower = await open({ store: behind });
    behind.keyrings.read = older.read;
    expect(await eventually("the problem", () => follower.problem())).toContain("gone back in time");
    expect(() => follower.keyring.active()).toThrow(UNKNOWN);
  });
});

test("a keyring of the same version with other keys is not taken for the known one, and nothing goes on", async () => {
  const { open, store } = await deployment();
  const seen = { ...store, keyrings: { ...store.keyrings } };
  const follower = await open({ store: seen });
  const { version, records } = await store.keyrings.read();
  seen.keyrings.read = async () => ({ version, records: `${records}\n` });
  expect(await eventually("the problem", () => follower.problem())).toContain("not the one of the same version");
  expect(() => follower.keyring.active()).toThrow(UNKNOWN);
  expect(follower.keyring.inUse()).toBeUndefined();
  await expect(follower.keyring.takeOver()).rejects.toMatchObject({ code: "keys_unavailable" });

  seen.keyrings.read = () => store.keyrings.read();
  await eventually("it knows the keys again", () => (follower.problem() === undefined ? true : undefined));
  expect(follower.keyring.active().kid).toBeDefined();
});

test.each([0, 1])("a keyring made anew, changed %i times since, is never taken for the known one", async (changes) => {
  const [{ open, store, keysDir }, made] = [await deployment(), await deployment()];
  const seen = { ...store, keyrings: { ...store.keyrings } };
  const follower = await open({ store: seen });
  const master = { dir: keysDir };
  await made.open({ master });
  for (let count = 0; count < changes; count += 1) {
    await rotateKeyring({ store: made.store, master, policy: policy(), kinds: ["signing"] });
  }
  seen.keyrings.read = () => made.store.keyrings.read();
  expect(await eventually("the problem", () => follower.problem())).toContain("another one, made anew");
  expect(() => follower.derived.selector).toThrow(UNKNOWN);
});

const UNKNOWN = "does not know the keys of its deployment";

async function rotated(): Promise<
  Pick<Deployment, "clock"> & { one: OpenKeyring; other: OpenKeyring; before: string; kid: string }
> {
  const { open, store, keysDir, clock } = await deployment();
  const [one, other] = [await open(), await open()];
  const before = one.keyring.active().kid;
  const [made] = await rotateKeyring({ store, master: { dir: keysDir }, policy: policy(), kinds: ["signing"] });
  await one.keyring.takeOver();
  return { one, other, before, kid: made?.id ?? "", clock };
}

async function published(instance: OpenKeyring, kids: string[]): Promise<void> {
  await eventually(`published: ${kids.join(", ")}`, () => {
    const found = kidsOf(instance);
    return found.length === kids.length && kids.every((kid) => found.includes(kid)) ? true : undefined;
  });
}

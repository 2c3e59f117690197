import type { JWK } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { fixedKeys, FOREIGN, openTestCore, type TestCore } from "../support/core-environment.ts";
import { stateOf } from "../support/core-requests.ts";
import { honestKeys, KEY_ALGORITHMS, KEY_ATTACKS, type KeyAttack } from "./key-attacks.ts";

let core: TestCore;
beforeAll(async () => {
  const undo: (() => Promise<void>)[] = [];
  core = await openTestCore((step) => undo.unshift(step));
  return async () => {
    for (const step of undo) await step();
  };
});

/** The state of a token while its issuer publishes these keys. */
async function stateWith({ keys, token }: { keys: JWK[]; token: string }): Promise<string> {
  const known = core.environment.issuers.get(FOREIGN);
  if (known === undefined) throw new Error("the test core trusts no foreign issuer");
  const issuer = { ...known, algorithms: new Set(KEY_ALGORITHMS), keys: fixedKeys(keys) };
  core.environment.issuers = new Map([[FOREIGN, issuer]]);
  return stateOf(core, token);
}

describe("a token is inactive where its issuer's keys are not fit for it", () => {
  test("in many ways, each named once", () => {
    const names = KEY_ATTACKS.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(50);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(KEY_ATTACKS.map((attack): [string, KeyAttack] => [attack.name, attack]))(
    "%s; with honest keys it is active",
    async (_name, attack) => {
      for (const alg of KEY_ALGORITHMS) expect(await stateWith(honestKeys(alg, core.now()))).toBe("active");
      expect(await stateWith(attack.make(core.now()))).toBe(attack.reason);
    },
  );
});

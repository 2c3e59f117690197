import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { appendRevocation, sealContext } from "../../src/core/append-revocation.ts";
import { readRevocation } from "../../src/core/read-revocation.ts";
import { seal } from "../../src/core/sealing.ts";
import type { Selector } from "../../src/core/selector.ts";
import { ISSUER, openTestCore } from "../support/core-environment.ts";

const iss = ISSUER;
const SELECTORS: readonly Selector[] = [
  { kind: "token", iss, jti: "j" },
  { kind: "token_digest", iss, digest: "d" },
  { kind: "family", iss, sid: "s" },
  { kind: "subject", iss, sub: "alice" },
  { kind: "client", iss, client_id: "web" },
  { kind: "key", iss, kid: "k" },
  { kind: "issuer", iss },
];

test.each(SELECTORS)("a revocation of a $kind says whom and why to who has the sealing key", async (selector) => {
  const { environment } = await openTestCore();
  await appendRevocation(environment, selector, { keep: "for-good", reason: "because" });
  const [held] = environment.revocations.held();
  if (held === undefined) throw new Error("it is held");
  const [sealed] = await environment.revocations.readSealed([held.digest]);
  const read = readRevocation(environment.keys.sealing, held.digest, sealed ?? Buffer.alloc(0));
  expect(read).toEqual({ selector, reason: "because" });
});

test("what was put back after a loss says nothing but its digest", () => {
  expect(readRevocation(randomBytes(32), randomBytes(16), Buffer.alloc(0))).toBeUndefined();
});

test.each([
  ["no selector", {}],
  ["a selector of an unknown kind", { selector: { kind: "planet", iss } }],
  ["a selector without its name", { selector: { kind: "subject", iss } }],
  ["a reason that is no text", { selector: { kind: "issuer", iss }, reason: 7 }],
])("%s is a fault", (_what, value) => {
  const [key, digest] = [randomBytes(32), randomBytes(16)];
  expect(() => readRevocation(key, digest, seal(key, sealContext(digest), value))).toThrow(/not of the known shape/);
});

test("what was sealed for another selector does not open", () => {
  const [key, digest] = [randomBytes(32), randomBytes(16)];
  const sealed = seal(key, sealContext(digest), { selector: { kind: "issuer", iss } });
  expect(() => readRevocation(key, randomBytes(16), sealed)).toThrow(/authenticate/);
});

import { expect, test } from "vitest";
import { markOf, marksOf, unpackMarks } from "../../../src/core/revocations/marks.ts";
import { type Selector, selectorDigest } from "../../../src/core/selector.ts";
import type { Origin } from "../../../src/core/token/verified-token.ts";

const KEY = Buffer.alloc(32, 7);
const ISS = "https://assay.example";

/** The birth by which a selector is judged; undefined where it names nothing. */
function birthOf(origins: readonly Origin[], selector: Selector): number | undefined {
  const wanted = selectorDigest(KEY, selector);
  return unpackMarks(marksOf(KEY, origins)).find(({ digest }) => digest.equals(wanted))?.birth;
}

const CHILD: Origin = { iss: ISS, birth: 2_000, jti: "child", sub: "alice", client_id: "orders", kid: "k2" };
const PARENT: Origin = { iss: ISS, birth: 1_000, jti: "parent", sub: "alice", client_id: "web", kid: "k1" };
const FOREIGN: Origin = { iss: "https://idp.example", birth: 500, digest: "d", sub: "alice", sid: "s" };

test.each<[string, Selector, number]>([
  ["its own token", { kind: "token", iss: ISS, jti: "child" }, 2_000],
  ["its own client", { kind: "client", iss: ISS, client_id: "orders" }, 2_000],
  ["what it came from", { kind: "token", iss: ISS, jti: "parent" }, 1_000],
  ["the client of what it came from", { kind: "client", iss: ISS, client_id: "web" }, 1_000],
  ["a subject that both share, by the earlier birth", { kind: "subject", iss: ISS, sub: "alice" }, 1_000],
  ["an issuer that both share, by the earlier birth", { kind: "issuer", iss: ISS }, 1_000],
  ["another issuer's subject of the same name", { kind: "subject", iss: FOREIGN.iss, sub: "alice" }, 500],
  ["the digest of a foreign token without jti", { kind: "token_digest", iss: FOREIGN.iss, digest: "d" }, 500],
])("a token that came from others is named by %s", (_what, selector, birth) => {
  for (const origins of [
    [CHILD, PARENT, FOREIGN],
    [FOREIGN, PARENT, CHILD],
  ]) {
    expect(birthOf(origins, selector)).toBe(birth);
  }
});

test("each selector is one mark, however many share it", () => {
  // issuer, 2 tokens, subject, 2 clients, 2 keys
  expect(unpackMarks(marksOf(KEY, [CHILD, PARENT, PARENT]))).toHaveLength(8);
});

test("what has no birth is named by an absolute revocation only", () => {
  const marks = markOf(KEY, { kind: "key", iss: ISS, kid: "k1" });
  expect(unpackMarks(marks).map(({ birth }) => birth)).toEqual([Infinity]);
});

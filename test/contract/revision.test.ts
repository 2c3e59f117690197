import { describe, expect, test } from "vitest";
import { formatRevision, isAtOrBeyond, parseRevision } from "../../src/store/revision.ts";

const ONE = "00000000-0000-4000-8000-000000000001";
const OTHER = "00000000-0000-4000-8000-000000000002";

describe("a position in the log is at or beyond another", () => {
  test.each<[string, string, boolean]>([
    ["1-0", "1-0", true],
    ["10-0", "9-5", true],
    ["9-5", "10-0", false],
    ["1795304266101-10", "1795304266101-9", true],
    ["1795304266101-9", "1795304266101-10", false],
    ["18446744073709551615-1", "18446744073709551614-2", true],
  ])("%s against %s: %s", (position, other, expected) => {
    expect(isAtOrBeyond(formatRevision(ONE, position), formatRevision(ONE, other))).toBe(expected);
  });

  test("never of another incarnation", () => {
    expect(isAtOrBeyond(formatRevision(ONE, "9-0"), formatRevision(OTHER, "1-0"))).toBe(false);
  });
});

test.each(["", "1-0", `${ONE}/1`, `${ONE}/-`, `${ONE}/1-0 `, `${ONE}/1-0\n`, `x${ONE}/1-0`])(
  "%j is no revision",
  (text) => {
    expect(() => parseRevision(text)).toThrow(expect.objectContaining({ code: "invalid_request" }));
  },
);

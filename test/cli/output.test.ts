import { describe, expect, test } from "vitest";
import { printable } from "../../src/cli/output.ts";

describe("what others wrote does not command the terminal", () => {
  test.each([
    ["plain text, of any language, stays", "Ärger 猫", "Ärger 猫"],
    ["a colour is left out", "\u001B[31malice\u001B[0m", "alice"],
    ["a changed window title is left out", "\u001B]0;owned\u0007alice", "alice"],
    ["a line break is shown", "alice\nactive", "alice\\u000aactive"],
    ["a C1 control is shown", "a\u0085b", "a\\u0085b"],
    ["text turned from right to left is shown", "a\u202Eb", "a\\u202eb"],
  ])("%s", (_what, text, shown) => {
    expect(printable(text)).toBe(shown);
  });
});

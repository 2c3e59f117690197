import { expect, test } from "vitest";
import { formTokens } from "../../src/console/form-token.ts";

test("it is good for its visitor, for an hour", () => {
  let now = 0;
  const forms = formTokens(() => now);
  const token = forms.make("desk");
  expect([forms.isGood(token, "desk"), forms.isGood(token, "other")]).toEqual([true, false]);
  now = 3_599_999;
  expect(forms.isGood(token, "desk")).toBe(true);
  now = 3_600_001;
  expect(forms.isGood(token, "desk")).toBe(false);
});

test("a later end, another process, and any other change make it no good", () => {
  const forms = formTokens(() => 0);
  const token = forms.make("desk");
  const [expires = "", mac = ""] = token.split(".");
  for (const other of [
    `${Number(expires) + 1}.${mac}`,
    `0${token}`,
    `${token}A`,
    token.slice(0, -1),
    `.${mac}`,
    "",
    "a.b",
  ]) {
    expect(forms.isGood(other, "desk")).toBe(false);
  }
  expect(formTokens(() => 0).isGood(token, "desk")).toBe(false);
});

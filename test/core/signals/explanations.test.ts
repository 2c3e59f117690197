import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { EXPLANATIONS } from "../../../src/core/signals/explanations.ts";
import { SIGNAL_KINDS } from "../../../src/core/signals/signal.ts";

const page = readFileSync(new URL("../../../docs/signals.md", import.meta.url), "utf8");

test.each(SIGNAL_KINDS)("%s has a section of its own, which says how much it matters and what to do next", (kind) => {
  const section = page.split(/^## /m).find((one) => one.startsWith(`${kind}\n`));
  expect(section).toMatch(/`(info|warning|critical)`[^]*\*\*Next\*\*: /);
});

test.each(SIGNAL_KINDS)("%s is explained in whole sentences under a headline", (kind) => {
  const { title, meaning, next } = EXPLANATIONS[kind];
  expect(title).toMatch(/^[A-Z].*[^.]$/);
  for (const text of [meaning, next]) expect(text).toMatch(/^[A-Z].*\.$/);
});

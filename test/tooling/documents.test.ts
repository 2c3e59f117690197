import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";

const ROOT = join(import.meta.dirname, "../..");
const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "clients/typescript/README.md",
  ...globSync("docs/**/*.md", { cwd: ROOT }),
];
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));

test.each(DOCUMENTS)("every npm script that %s names exists", (path) => {
  const named = [...textOf(path).matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g)].map(([, name = ""]) => name);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});

test.each(DOCUMENTS)("every link in %s leads to a file that exists", (path) => {
  const links = [...textOf(path).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = ""]) => link);
  expect(links.filter((link) => !existsSync(join(ROOT, dirname(path), link)))).toEqual([]);
});

test.each(DOCUMENTS)("every path of the repository that %s names exists", (path) => {
  const named = [...textOf(path).matchAll(/`((?:src|test|docs|deploy|bench|scripts|proto)\/[\w./-]+)`/g)];
  const paths = named.map(([, name = ""]) => name);
  expect(paths.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
});

function textOf(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

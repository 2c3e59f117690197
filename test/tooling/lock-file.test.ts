import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";

const entry = z.looseObject({ optional: z.boolean().optional(), link: z.boolean().optional() });
const lockFile = z.object({ packages: z.record(z.string(), entry) });
const path = resolve(import.meta.dirname, "../../package-lock.json");
const packages = Object.entries(lockFile.parse(JSON.parse(readFileSync(path, "utf8"))).packages);

it("names no registry, so that it works behind any mirror", () => {
  const fetched = packages.filter(([, found]) => found.link !== true);
  expect(fetched.filter(([, found]) => "resolved" in found).map(([name]) => name)).toEqual([]);
});

it("lets an old Node install the tools' native parts (mend it with: npm run lock)", () => {
  const demanding = packages.filter(([, found]) => found.optional === true && "engines" in found);
  expect(demanding.map(([name]) => name)).toEqual([]);
});

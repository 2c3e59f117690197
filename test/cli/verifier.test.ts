/** The commands that open the configuration, where it is a verifier's. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { service } from "../support/deployment.ts";
import { ISSUER } from "../support/server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { assay, type Ran } from "./run-assay.ts";

async function atVerifier(words: readonly string[], upstream: object): Promise<Ran> {
  const directory = await temporaryDirectory();
  const config = { role: "verifier", issuer: ISSUER, upstream, callers: [service.entry] };
  await writeFile(join(directory, "assay.yaml"), stringify(config));
  return assay(words, { cwd: directory });
}

test.each([
  ["keys", "list"],
  ["keys", "rotate"],
  ["fingerprint", "--sid=0197"],
])("assay %s %s is refused at a verifier, and says where to run it", async (...words) => {
  const { code, stderr } = await atVerifier(words, { authorities: ["127.0.0.1:1"] });
  expect(code).not.toBe(0);
  expect(stderr).toContain("a verifier has neither store nor keys: run this where an authority runs");
});

test("assay config check takes a verifier's configuration, and says what is unsafe of it", async () => {
  const { code, stdout } = await atVerifier(["config", "check"], { authorities: ["127.0.0.1:1"] });
  expect(code).toBe(0);
  expect(stdout).toContain("upstream.tls is absent");
});

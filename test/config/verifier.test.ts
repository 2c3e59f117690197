import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { unsafeSettings } from "../../src/config/unsafe-settings.ts";
import { folderWith, loadText, mistakesOf } from "./configuration-folder.ts";

const SOUND = `
role: verifier
issuer: https://auth.example
upstream: { authorities: ["127.0.0.1:50051"] }
callers:
  - name: api
    secret_sha256: ["${"a".repeat(64)}"]
    permissions: [introspect, { permission: issue, clients: [web] }]
    audiences: [https://api.example]
    clients: [web]
`;
const EXAMPLE = readFileSync(join(import.meta.dirname, "../../deploy/verifier.example.yaml"), "utf8");

/** In place of one line, or beside all. */
function spoiled(key: string, line: string): string {
  return `${SOUND.replace(new RegExp(`^${key}:.*$`, "m"), "")}${line}\n`;
}

test("a verifier names its authorities, and clients that it does not know", async () => {
  const { config } = await loadText(SOUND);
  expect(config).toMatchObject({ role: "verifier", upstream: { authorities: ["127.0.0.1:50051"], timeout: 230 } });
});

test("the example loads once its files exist, and leaves no safety setting off", async () => {
  const cwd = folderWith({ "verifier.pem": "", "verifier-key.pem": "", "authority-ca.pem": "", "assay.yaml": "" });
  const text = EXAMPLE.replaceAll(/\/etc\/assay(\/tls)?/g, cwd);
  const { config, warnings } = await loadConfig({ env: {}, cwd: folderWith({ "assay.yaml": text }) });
  expect(warnings).toEqual([]);
  expect(unsafeSettings(config)).toEqual(["listen.tls is absent: tokens travel in plaintext, on this machine only."]);
});

describe("is refused, with the mend", () => {
  test.each<[string, string, RegExp]>([
    ["a verifier without authorities", spoiled("upstream", ""), /^upstream: is missing: name the authorities/],
    ["an empty list of them", spoiled("upstream", "upstream: { authorities: [] }"), /^upstream\.authorities: .*empty/],
    [
      "an authority without a port",
      spoiled("upstream", "upstream: { authorities: [localhost] }"),
      /^upstream\.authorities\[0\]: write HOST:PORT/,
    ],
    [
      "plaintext to another machine",
      spoiled("upstream", 'upstream: { authorities: ["127.0.0.1:1", "auth.example:50051"] }'),
      /^upstream\.authorities\[1\]: 'auth\.example:50051' is on another machine: give upstream\.tls/,
    ],
    [
      "a certificate without its key",
      spoiled(
        "upstream",
        'upstream: { authorities: ["a.example:1"], tls: { ca: assay.yaml, certificate: assay.yaml } }',
      ),
      /^upstream\.tls\.key: is missing: certificate and key go together/,
    ],
    [
      "a secret file that is not there",
      spoiled("upstream", 'upstream: { authorities: ["127.0.0.1:1"], secret_file: absent }'),
      /^upstream\.secret_file: there is no file .*absent/,
    ],
    [
      "no time at all",
      spoiled("upstream", 'upstream: { authorities: ["127.0.0.1:1"], timeout: 0s }'),
      /^upstream\.timeout: must be more than 0/,
    ],
    ["a store", `${SOUND}store: sqlite:./a.db\n`, /^store: a verifier reaches no store: remove it/],
    ["keys", `${SOUND}keys: { dir: ./k }\n`, /^keys: a verifier holds no keys: remove it/],
    ["clients", `${SOUND}clients: [{ client_id: web, audiences: [a] }]\n`, /^clients: a verifier issues nothing/],
    ["lifetimes", `${SOUND}tokens: { leeway: 5s }\n`, /^tokens: a verifier takes lifetimes and leeway from/],
    ["receivers of events", `${SOUND}events: { receivers: [] }\n`, /^events: a verifier signs nothing, so its auth/],
    [
      "a period of fingerprints",
      `${SOUND}telemetry: { fingerprint_period: 30d }\n`,
      /^telemetry\.fingerprint_period: a verifier makes fingerprints as its authorities do: remove it/,
    ],
    [
      "a development start",
      `${SOUND}development: true\n`,
      /^development: a verifier does not know for which audiences/,
    ],
    ["an authority with authorities", SOUND.replace("role: verifier", ""), /^upstream: is for verifiers/],
    ["another role", spoiled("role", "role: verifyer"), /^role: .*did you mean 'verifier'/],
  ])("%s", async (_what, yaml, mistake) => {
    expect(await mistakesOf(yaml)).toContainEqual(expect.stringMatching(mistake));
  });
});

test("what the environment gives a verifier that it must not have is named by its variable", async () => {
  const mistakes = await mistakesOf(SOUND, { ASSAY_STORE: "redis://127.0.0.1" });
  expect(mistakes).toEqual([expect.stringMatching(/^store: a verifier reaches no store/)]);
});

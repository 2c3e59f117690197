/**
 * Has Assay start once in each role and stop again, so that what Node compiles for it is in the folder that NODE_COMPILE_CACHE names.
 *   node scripts/fill-compile-cache.ts ENTRY [NODE-FLAG …]
 * V8 takes from it only what was compiled under the same flags, by the same user's Node.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [entry = "", ...flags] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), "assay-start-"));
const both = {
  issuer: "https://assay.example",
  listen: { address: "127.0.0.1:0" },
  log: { format: "json" },
  // Nobody listens there: it is loaded, and has nothing to say.
  telemetry: { otlp_endpoint: "http://127.0.0.1:4317" },
  callers: [
    {
      name: "none",
      secret_sha256: ["0".repeat(64)],
      permissions: ["introspect"],
      audiences: ["https://api.example"],
    },
  ],
};
const secretFile = join(directory, "secret");
const roles = {
  authority: {
    store: { url: `sqlite:${join(directory, "assay.db")}` },
    keys: { dir: join(directory, "keys") },
    clients: [],
  },
  // Nobody is there to be followed: it listens all the same.
  verifier: { role: "verifier", upstream: { authorities: ["127.0.0.1:9"], secret_file: secretFile } },
};
try {
  writeFileSync(secretFile, "nobody-asks-for-it", { mode: 0o600 });
  for (const [role, settings] of Object.entries(roles)) await start(role, { ...both, ...settings });
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function start(role: string, config: object): Promise<void> {
  const file = join(directory, `${role}.yaml`);
  // YAML is a superset of JSON.
  writeFileSync(file, JSON.stringify(config));
  const args = [...flags, entry, "serve", "--config", file];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    if (said.includes('"msg":"listening"')) child.kill("SIGTERM");
  });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`Assay ended with ${code}:\n${said}`);
}

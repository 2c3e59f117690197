import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeCallerSecret } from "../../src/core/token/caller-secret.ts";
import { AUDIENCE, CLIENT, freePort, ISSUER, type Product } from "../product.ts";
import { AS_IN_THE_IMAGE, type Package } from "./package.ts";

/** A process that answers Introspect: how it is started, and how it is asked. */
export type Deployment = {
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  isReady: (line: string) => boolean;
  /** @param readyLine what it said when it was ready */
  originOf: (readyLine: string) => string;
  metadata: Record<string, string>;
};

/** What it answers is as long as what Assay does. */
export function echoOf({ echo }: Package, answer: unknown): Deployment {
  return {
    args: [echo, JSON.stringify({ answers: { introspect: answer } })],
    env: AS_IN_THE_IMAGE,
    isReady: (line) => /^\d+$/.test(line),
    originOf: (line) => `http://127.0.0.1:${line}`,
    metadata: {},
  };
}

/** An authority over SQLite, with a keyring of its own. */
export async function authorityOf(parts: Package, within: string, telemetry: string): Promise<Deployment> {
  const directory = join(within, "authority");
  return deploymentOf(parts, directory, {
    issuer: ISSUER,
    store: { url: `sqlite:${join(directory, "assay.db")}` },
    keys: { dir: join(directory, "keys") },
    clients: [{ client_id: CLIENT, scopes: ["read"], audiences: [AUDIENCE], access_lifetime: "1h" }],
    telemetry: { otlp_endpoint: telemetry, sample_ratio: 0.01 },
  });
}

/** A verifier that follows an authority. */
export async function verifierOf(
  parts: Package,
  within: string,
  telemetry: string,
  authority: Product,
): Promise<Deployment> {
  const directory = join(within, "verifier");
  await mkdir(directory);
  const secretFile = join(directory, "authority-secret");
  await writeFile(secretFile, authority.metadata["authorization"]?.replace("Bearer ", "") ?? "", { mode: 0o600 });
  return deploymentOf(parts, directory, {
    role: "verifier",
    issuer: ISSUER,
    upstream: { authorities: [new URL(authority.origin).host], secret_file: secretFile },
    telemetry: { otlp_endpoint: telemetry, sample_ratio: 0.01 },
  });
}

async function deploymentOf({ assay, env }: Package, directory: string, settings: object): Promise<Deployment> {
  await mkdir(directory, { recursive: true });
  const secret = makeCallerSecret();
  const address = `127.0.0.1:${await freePort()}`;
  const caller = {
    name: "bench",
    secret_sha256: [createHash("sha256").update(secret).digest("hex")],
    permissions: ["introspect", ...("role" in settings ? [] : ["issue", "revoke"])],
    audiences: [AUDIENCE],
    ...("role" in settings ? {} : { clients: ["*"] }),
  };
  const config = {
    ...settings,
    listen: { address },
    log: { level: "warn", format: "json" },
    limits: { calls_per_second: 1_000_000 },
    callers: [caller],
  };
  // YAML is a superset of JSON.
  await writeFile(join(directory, "assay.yaml"), JSON.stringify(config));
  return {
    args: [...assay, "serve", "--config", join(directory, "assay.yaml")],
    env,
    isReady: (line) => line.includes(address),
    originOf: () => `http://${address}`,
    metadata: { authorization: `Bearer ${secret}` },
  };
}

import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCallerSecret } from "../src/core/token/caller-secret.ts";
import { makeCertificates } from "../test/support/certificates.ts";
import { type Child, startChild } from "./child-process.ts";
import { ALGORITHMS, FOREIGN_ISSUER, type ForeignIssuer, makeForeignIssuer } from "./foreign-issuer.ts";

export const AUDIENCE = "https://api.example";
export const CLIENT = "bench";
/** A client whose access tokens live for SHORT_LIFETIME_S. */
export const SHORT_LIVED_CLIENT = "bench-short";
export const SHORT_LIFETIME_S = 3;

export const ISSUER = "https://assay.example";

/** Assay as its users run it: authenticated caller, durable store, no development settings. */
export type Product = {
  pid: number;
  origin: string;
  metadata: Record<string, string>;
  /** Whom the configuration trusts besides its own issuer. */
  foreign: ForeignIssuer;
  stop(): Promise<void>;
};

export type ProductOptions = {
  /** A directory is made for SQLite when absent. */
  storeUrl?: string;
  /** base64url, for several that share a store; each makes its own when absent. */
  masterKey?: string;
  /** As configured, where they are not the usual ones. */
  limits?: Readonly<Record<string, number>>;
  /** An OTLP endpoint; one call in a hundred is sampled. */
  telemetry?: string;
  /** One for several products; each makes its own when absent. */
  foreign?: ForeignIssuer;
  tls?: boolean;
  /** How long the store may go without proving that no revocation is missing, as configured. */
  maxStaleness?: string;
  /** For its Node. */
  nodeOptions?: string;
};

export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const directory = await mkdtemp(join(tmpdir(), "assay-bench-"));
  const secret = makeCallerSecret();
  const foreign = options.foreign ?? (await makeForeignIssuer());
  await writeFile(join(directory, "jwks.json"), JSON.stringify({ keys: foreign.jwks }));
  const address = `127.0.0.1:${await freePort()}`;
  const tls = options.tls === true ? await certificate(directory) : undefined;
  // YAML is a superset of JSON.
  const config = JSON.stringify(configuration({ directory, address, secret, tls }, options));
  await writeFile(join(directory, "assay.yaml"), config);
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  const child = await startServer(directory, address, {
    ...(options.masterKey === undefined ? {} : { ASSAY_KEYS_MASTER_KEY: options.masterKey }),
    // Beside what this process was given: a profile needs that.
    NODE_OPTIONS: [process.env["NODE_OPTIONS"], options.nodeOptions].filter(Boolean).join(" "),
  }).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return {
    pid: child.pid,
    origin: `${tls === undefined ? "http" : "https"}://${address}`,
    metadata: { authorization: `Bearer ${secret}` },
    foreign,
    stop: async () => {
      await child.stop();
      await remove();
    },
  };
}

type Place = { directory: string; address: string; secret: string; tls: object | undefined };

function configuration({ directory, address, secret, tls }: Place, options: ProductOptions): object {
  const client = { scopes: ["read"], audiences: [AUDIENCE] };
  return {
    issuer: ISSUER,
    listen: { address, ...(tls === undefined ? {} : { tls }) },
    // A machine that is busy with the bench itself is no failed store.
    store: { url: options.storeUrl ?? `sqlite:${join(directory, "assay.db")}`, timeout: "10s" },
    keys: { dir: join(directory, "keys") },
    ...(options.maxStaleness === undefined ? {} : { revocations: { max_staleness: options.maxStaleness } }),
    log: { level: "warn", format: "json" },
    ...(options.telemetry === undefined ? {} : { telemetry: { otlp_endpoint: options.telemetry, sample_ratio: 0.01 } }),
    // What is measured is the server, not its patience with one caller, who may be busy elsewhere for long.
    limits: { calls_per_second: 1_000_000, connection_idle: "1h", ...options.limits },
    issuers: [
      {
        issuer: FOREIGN_ISSUER,
        jwks_file: join(directory, "jwks.json"),
        algorithms: [...ALGORITHMS],
        audiences: [AUDIENCE],
      },
    ],
    clients: [
      { ...client, client_id: CLIENT, access_lifetime: "1h" },
      { ...client, client_id: SHORT_LIVED_CLIENT, access_lifetime: `${SHORT_LIFETIME_S}s` },
    ],
    callers: [
      {
        name: "bench",
        secret_sha256: [createHash("sha256").update(secret).digest("hex")],
        permissions: ["introspect", "issue", "revoke", "watch"],
        audiences: [AUDIENCE],
        clients: ["*"],
      },
    ],
  };
}

async function certificate(directory: string): Promise<object> {
  const { server } = await makeCertificates(directory);
  return { certificate: server.certificateFile, key: server.keyFile };
}

export async function startServer(directory: string, address: string, env: Record<string, string>): Promise<Child> {
  const script = new URL("../bin/assay.js", import.meta.url).pathname;
  const args = [script, "serve", "--config", join(directory, "assay.yaml")];
  return startChild(args, env, (line) => line.includes(address), { on: "server" });
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

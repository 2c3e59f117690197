import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { makeCallerSecret } from "../src/core/token/caller-secret.ts";
import { type Child, startChild } from "./child-process.ts";

export const AUDIENCE = "https://api.example";
export const CLIENT = "bench";

export const ISSUER = "https://assay.example";
const FOREIGN_ISSUER = "https://idp.example";

/** Assay as its users run it: authenticated caller, durable store, no development settings. */
export type Product = {
  pid: number;
  origin: string;
  metadata: Record<string, string>;
  /** A JWT of the foreign issuer that the configuration trusts. */
  foreignToken(jti: string): Promise<string>;
  stop(): Promise<void>;
};

/**
 * @param storeUrl a directory is made for SQLite when undefined
 * @param masterKey base64url, for several that share a store; each makes its own when absent
 * @param limits as configured, where they are not the usual ones
 */
export async function startProduct(
  storeUrl: string | undefined,
  masterKey?: string,
  limits: Readonly<Record<string, number>> = {},
): Promise<Product> {
  const directory = await mkdtemp(join(tmpdir(), "assay-bench-"));
  const secret = makeCallerSecret();
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: "bench", alg: "RS256", use: "sig" };
  await writeFile(join(directory, "jwks.json"), JSON.stringify({ keys: [jwk] }));
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  // YAML is a superset of JSON.
  const config = JSON.stringify(configuration({ directory, address, secret, storeUrl, limits }));
  await writeFile(join(directory, "assay.yaml"), config);
  const env = masterKey === undefined ? {} : { ASSAY_KEYS_MASTER_KEY: masterKey };
  const child = await startServer(directory, address, env);
  return {
    pid: child.pid,
    origin: `http://${address}`,
    metadata: { authorization: `Bearer ${secret}` },
    foreignToken: (jti) =>
      new SignJWT({ client_id: CLIENT, scope: "read", jti })
        .setProtectedHeader({ alg: "RS256", kid: "bench", typ: "at+jwt" })
        .setIssuer(FOREIGN_ISSUER)
        .setSubject("alice")
        .setAudience(AUDIENCE)
        .setIssuedAt()
        .setExpirationTime("1h")
        .sign(privateKey),
    stop: async () => {
      await child.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

type Settings = {
  directory: string;
  address: string;
  secret: string;
  storeUrl: string | undefined;
  limits: Readonly<Record<string, number>>;
};

function configuration({ directory, address, secret, storeUrl, limits }: Settings): object {
  return {
    issuer: ISSUER,
    listen: { address },
    store: { url: storeUrl ?? `sqlite:${join(directory, "assay.db")}` },
    keys: { dir: join(directory, "keys") },
    log: { level: "warn", format: "json" },
    // What is measured is the server, not its patience with one caller.
    limits: { calls_per_second: 1_000_000, ...limits },
    issuers: [
      { issuer: FOREIGN_ISSUER, jwks_file: join(directory, "jwks.json"), algorithms: ["RS256"], audiences: [AUDIENCE] },
    ],
    clients: [{ client_id: CLIENT, scopes: ["read"], audiences: [AUDIENCE], access_lifetime: "1h" }],
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

export async function startServer(directory: string, address: string, env: Record<string, string>): Promise<Child> {
  const script = new URL("../bin/assay.js", import.meta.url).pathname;
  return startChild([script, "serve", "--config", join(directory, "assay.yaml")], env, (line) =>
    line.includes(address),
  );
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

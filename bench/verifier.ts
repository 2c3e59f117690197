import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCallerSecret } from "../src/core/token/caller-secret.ts";
import { AUDIENCE, freePort, ISSUER, type Product, startServer } from "./product.ts";

/** A verifier that follows one authority, as the same caller of it as the bench itself. */
export async function startVerifier(authority: Product): Promise<Pick<Product, "metadata" | "origin" | "stop">> {
  const directory = await mkdtemp(join(tmpdir(), "assay-bench-"));
  const secret = makeCallerSecret();
  const secretFile = join(directory, "authority-secret");
  await writeFile(secretFile, authority.metadata["authorization"]?.replace("Bearer ", "") ?? "", { mode: 0o600 });
  const address = `127.0.0.1:${await freePort()}`;
  const config = {
    role: "verifier",
    issuer: ISSUER,
    upstream: { authorities: [new URL(authority.origin).host], secret_file: secretFile },
    listen: { address },
    log: { level: "warn", format: "json" },
    limits: { calls_per_second: 1_000_000 },
    callers: [
      {
        name: "bench",
        secret_sha256: [createHash("sha256").update(secret).digest("hex")],
        permissions: ["introspect"],
        audiences: [AUDIENCE],
      },
    ],
  };
  await writeFile(join(directory, "assay.yaml"), JSON.stringify(config));
  const child = await startServer(directory, address, {});
  return {
    origin: `http://${address}`,
    metadata: { authorization: `Bearer ${secret}` },
    stop: async () => {
      await child.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

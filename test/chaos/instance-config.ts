import { createHash, randomBytes } from "node:crypto";
import type { ConfigInput } from "../../src/config/schema.ts";
import { makeCallerSecret } from "../../src/core/token/caller-secret.ts";

/** How old a proof of freshness may be at an instance: what the checker takes as the bound. */
export const MAX_STALENESS_MS = 1_000;
const ISSUER = "https://assay.example";
export const CLIENT_ID = "web";
export const AUDIENCE = "https://api.example";

/** As the configuration takes it. */
export type StoreConfig =
  | string
  | { url: string; durability?: "local" | "replicated"; replicas?: number; unsafe_allow_volatile?: boolean };

/** Everybody may do everything, and nothing that is lived through expires. */
export function instanceConfig(store: StoreConfig): ConfigInput {
  return {
    development: true,
    issuer: ISSUER,
    store,
    revocations: { max_staleness: `${MAX_STALENESS_MS}ms` },
    tokens: { access_lifetime: "4h", access_max_lifetime: "4h" },
    clients: [
      // Whoever retries what was left unknown is honest here, however long the fault lasts.
      {
        client_id: CLIENT_ID,
        scopes: ["read"],
        audiences: [AUDIENCE],
        grants: ["mint", "refresh"],
        refresh_grace: "10m",
      },
    ],
  };
}

/** A verifier, which is never open for development: whoever has the secret may do everything there. */
export function verifierConfig(authorities: readonly string[]): { config: ConfigInput; secret: string } {
  const secret = makeCallerSecret();
  const permissions = ["introspect", "revoke", "issue", "admin"] as const;
  const secret_sha256 = [createHash("sha256").update(secret).digest("hex")];
  return {
    secret,
    config: {
      role: "verifier",
      issuer: ISSUER,
      upstream: { authorities: [...authorities] },
      revocations: { max_staleness: `${MAX_STALENESS_MS}ms` },
      callers: [
        { name: "everybody", secret_sha256, permissions: [...permissions], audiences: [AUDIENCE], clients: ["*"] },
      ],
    },
  };
}

export function newMasterKey(): string {
  return randomBytes(32).toString("base64url");
}

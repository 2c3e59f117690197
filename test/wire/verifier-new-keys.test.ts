/** Keys that were replaced at one authority a moment ago, and a verifier of another that has not heard of it. */
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { listOwnKeys } from "../../src/compose/own-keys.ts";
import { issuer, startAuthority, startVerifier } from "../support/deployment.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { API, testCaller } from "../support/server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { reasonOf } from "./bound-client.ts";

const limited = testCaller({
  name: "limited",
  permissions: [{ permission: "revoke", clients: ["web"] }],
  audiences: [API],
  clients: ["web"],
});
const mint = { client_id: "web", subject: "alice", audience: [API], scope: "read" };

async function masterKeyFile(): Promise<string> {
  const file = join(await temporaryDirectory(), "master-key");
  await writeFile(file, randomBytes(32).toString("base64url"), { mode: 0o600 });
  return file;
}

test("a token of the new key is revoked through the verifier, never told to be nothing to revoke", async () => {
  const redis = await startRedisServer();
  onTestFinished(() => redis.remove());
  const shared = { store: { url: redis.url }, keys: { master_key_file: await masterKeyFile() } };
  const one = await startAuthority(shared);
  const other = await startAuthority(shared);
  const verifier = await startVerifier([other.address], { callers: [limited.entry] });
  const client = verifier.client(limited);
  const issuing = one.client(issuer);
  // Looks for unknown names have been used up for a while, at the verifier and at its authority.
  for (const token of await minted()) expect(await client.revoke({ token })).toHaveProperty("revision");

  for (let round = 0; round < 3; round++) {
    for (const { id, state } of await listOwnKeys(one.config)) {
      if (state === "active") await issuing.revoke({ key_id: id });
    }
    for (const token of await minted()) {
      expect(await client.revoke({ token })).toHaveProperty("revision");
      expect(reasonOf(await issuing.introspect({ token }))).toBe("REVOKED");
    }
  }

  async function minted(): Promise<string[]> {
    const [access, family] = await Promise.all([
      issuing.issue({ mint }),
      issuing.issue({ mint: { ...mint, refresh: true } }),
    ]);
    return [access.access_token, family.refresh_token ?? ""];
  }
});

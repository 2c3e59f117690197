import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { assay } from "../cli/run-assay.ts";
import { API, startServer } from "../support/server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const URI = "https://api.example/orders";
const REQUEST = ["--http-method", "GET", "--http-uri", URI];

async function json(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await assay([...words, "--json"], { env });
  const answer: Record<string, unknown> = JSON.parse(stdout === "" ? stderr : stdout);
  return answer;
}

test.each(["ed25519", "P-256"])("dpop makes a proof with which a token bound to its %s key is active", async (type) => {
  const server = await startServer();
  const env = { ASSAY_ADDRESS: server.address };
  const directory = await temporaryDirectory();
  const [key, proof] = [join(directory, "client.key"), join(directory, "proof.txt")];
  await writeFile(key, privateKeyPem(type));
  const make = ["dpop", "--key", key, "--method", "GET", "--uri", URI];

  const jkt = String((await json(make))["jkt"]);
  const issue = ["issue", "--client", "web", "--subject", "alice", "--audience", API, "--cnf-jkt", jkt];
  const token = String((await json(issue, env))["access_token"]);
  await writeFile(proof, (await assay([...make, "--token", "-"], { input: token })).stdout);

  const introspect = ["introspect", token, "--dpop", proof, ...REQUEST];
  expect(await json(introspect, env)).toMatchObject({ active: true, token_type: "DPoP", cnf: { jkt } });
  expect(await json(introspect, env)).toMatchObject({ active: false, inactive_reason: "proof_replayed" });
});

test("refresh and exchange bind what they issue to what is proved", async () => {
  const server = await startServer();
  const env = { ASSAY_ADDRESS: server.address };
  const certificate = ["--client-certificate-sha256", "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"];
  const issue = ["issue", "--client", "web", "--subject", "alice", "--audience", API, "--refresh"];
  const first = await json(issue, env);
  const refreshed = await json(["refresh", String(first["refresh_token"]), "--client", "web", ...certificate], env);
  const exchange = ["exchange", "--client", "web", "--audience", API, "--subject-token", String(first["access_token"])];
  const exchanged = await json([...exchange, ...certificate], env);
  for (const token of [refreshed["access_token"], exchanged["access_token"]].map(String)) {
    expect(await json(["introspect", token], env)).toMatchObject({ inactive_reason: "proof_required" });
    expect(await json(["introspect", token, ...certificate], env)).toMatchObject({ active: true });
  }
});

function privateKeyPem(type: string): string {
  const { privateKey } =
    type === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: type });
  return privateKey.export({ format: "pem", type: "pkcs8" });
}

/**
 * Authorities, and verifiers that follow them, each in this process with `start()` and on a port of its own. The callers `service`
 * (a resource server) and `issuer` (who issues, refreshes and revokes) are known everywhere, and a verifier is a caller too.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { ConfigInput } from "../../src/config/schema.ts";
import { API, ISSUER, ORDERS, startServerForFile, testCaller, type TestServer } from "./server.ts";
import { type AtEnd, temporaryDirectory } from "./temporary-directory.ts";

/** Resource server of the API, which is told why a token is inactive. */
export const service = testCaller({ name: "service", permissions: ["introspect", "diagnose"], audiences: [API] });
export const issuer = testCaller({
  name: "issuer",
  permissions: ["introspect", "diagnose", "issue", "revoke", "admin"],
  audiences: [API, ORDERS],
  clients: ["*"],
});
export const verifierCaller = testCaller({
  name: "verifier",
  permissions: ["watch", "introspect", "issue", "revoke", "admin"],
  audiences: [API, ORDERS],
  clients: ["*"],
});

/** An authority that knows all three. */
export async function startAuthority(
  overrides: Partial<ConfigInput> = {},
  atEnd: AtEnd = onTestFinished,
): Promise<TestServer> {
  const callers = [service, issuer, verifierCaller].map(({ entry }) => entry);
  const server = await startServerForFile({ development: false, callers, ...overrides });
  atEnd(() => server.stop());
  return server;
}

/** A verifier of authorities that listen at these addresses. */
export async function startVerifier(
  authorities: readonly string[],
  overrides: Partial<ConfigInput> = {},
  atEnd: AtEnd = onTestFinished,
): Promise<TestServer> {
  const secretFile = await writeSecret(verifierCaller.secret, atEnd);
  const server = await startServerForFile(overrides, (_directory, { upstream, ...changes }) => ({
    role: "verifier",
    issuer: ISSUER,
    upstream: { authorities: [...authorities], secret_file: secretFile, timeout: "2s", ...upstream },
    callers: [service, issuer].map(({ entry }) => entry),
    ...changes,
    listen: { address: "127.0.0.1:0", ...changes.listen },
  }));
  atEnd(() => server.stop());
  return server;
}

export async function writeSecret(secret: string, atEnd: AtEnd = onTestFinished): Promise<string> {
  const file = join(await temporaryDirectory(atEnd), "secret");
  await writeFile(file, `${secret}\n`, { mode: 0o600 });
  return file;
}

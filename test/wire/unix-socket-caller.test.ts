import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeCallerSecret } from "../../src/core/token/caller-secret.ts";
import { API, startServer, testCaller, type TestServer } from "../support/server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const other = testCaller({ name: "other", permissions: ["introspect", "revoke"], audiences: [API] });
const UNKNOWN = { code: "UNAUTHENTICATED", reason: "CALLER_UNKNOWN" };

async function socketServer(mode = 0o755): Promise<TestServer> {
  const directory = join(await temporaryDirectory(), "run");
  await mkdir(directory);
  await chmod(directory, mode);
  return startServer({
    development: false,
    listen: { address: `unix:${directory}/assay.sock` },
    callers: [{ name: "sidecar", unix_socket: true, permissions: ["introspect"], audiences: [API] }, other.entry],
  });
}

test("whoever can open the socket is the one caller that the configuration says, and may what it may", async () => {
  const server = await socketServer();
  expect(await server.client().introspect({ token: "x" })).toEqual({});
  expect(server.log()).toContain('"caller":"sidecar"');
  await expect(server.client().revoke({ token: "x" })).rejects.toMatchObject({ reason: "PERMISSION_MISSING" });
});

test("nothing in a request makes it another caller: credentials of somebody else are refused", async () => {
  const server = await socketServer();
  await expect(server.client({ secret: other.secret }).revoke({ token: "x" })).rejects.toMatchObject(UNKNOWN);
  await expect(server.client({ secret: makeCallerSecret() }).introspect({ token: "x" })).rejects.toMatchObject(UNKNOWN);
});

test.each([0o775, 0o757, 0o1777])(
  "a directory of mode %o is refused: another socket could be put there",
  async (mode) => {
    await expect(socketServer(mode)).rejects.toThrow("group or others may write to its directory");
  },
);

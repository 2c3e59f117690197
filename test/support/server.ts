/**
 * A real Assay in this process: `start()` of the composition root with its own SQLite store, its own keys, and port 0.
 *
 * Whoever calls it without credentials is the caller `development`, with every permission. A test of callers gives
 * `development: false` and `callers`, made with `testCaller`. Configuration is overridden key by key at the top level; what is
 * given under `listen` and `keys` is merged with the rest of it.
 */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Config, type ConfigInput, configSchema } from "../../src/config/schema.ts";
import { makeCallerSecret } from "../../src/core/token/caller-secret.ts";
import { start } from "../../src/main.ts";
import { type ClientOptions, openClient, type TestClient } from "./client.ts";
import { recordFilesIn } from "./leaks/record-files.ts";
import { recordEmitted, recordTokensIn } from "./leaks/record.ts";

export const ISSUER = "https://assay.example";
export const API = "https://api.example";
export const ORDERS = "https://orders.example";

export type TestServer = {
  address: string;
  config: Config;
  /** Its store and its keys lie here. */
  directory: string;
  /** A client that is closed with the server. */
  client(options?: ClientOptions): TestClient;
  /** Everything that it has logged, as JSON lines. */
  log(): string;
  /** Takes over what has changed of its configuration, given as it was given at the start. */
  reload(overrides: Partial<ConfigInput>): Promise<void>;
  stop(options?: { hurry?: boolean }): Promise<void>;
};

type CallerInput = NonNullable<ConfigInput["callers"]>[number];

/** A server that stops when the test has finished. */
export async function startServer(overrides: Partial<ConfigInput> = {}): Promise<TestServer> {
  const server = await startServerForFile(overrides);
  onTestFinished(() => server.stop());
  return server;
}

/**
 * A server for all tests of a file: start it in `beforeAll`, and stop it in `afterAll`.
 * @param configuration the whole of it, made of what is overridden
 */
export async function startServerForFile(
  overrides: Partial<ConfigInput> = {},
  configuration: (directory: string, overrides: Partial<ConfigInput>) => ConfigInput = ofAuthority,
): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), "assay-test-"));
  const config = configSchema.parse(configuration(directory, overrides));
  const lines: string[] = [];
  const clients: TestClient[] = [];
  let changed = config;
  const write = (line: string): void => {
    lines.push(line);
    recordEmitted("log", line);
  };
  try {
    const running = await start(config, { logTo: { write }, load: async () => changed });
    const { address } = running;
    return {
      address,
      config,
      directory,
      client(options) {
        const client = openClient(address, options);
        clients.push(client);
        return client;
      },
      log: () => lines.join(""),
      async reload(changes) {
        changed = configSchema.parse(configuration(directory, changes));
        await running.reload();
      },
      async stop(options) {
        // While the store's write-ahead log is still there.
        recordFilesIn(directory);
        await running.stop(options);
        for (const client of clients) client.close();
        await rm(directory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/** A caller recognised by a secret: its entry in the configuration, and the secret for `client({ secret })`. */
export function testCaller(entry: Omit<CallerInput, "secret_sha256">): { entry: CallerInput; secret: string } {
  const secret = makeCallerSecret();
  recordTokensIn(secret);
  const digest = createHash("sha256").update(secret).digest("hex");
  return { entry: { ...entry, secret_sha256: [digest] }, secret };
}

function ofAuthority(directory: string, overrides: Partial<ConfigInput>): ConfigInput {
  return {
    development: true,
    issuer: ISSUER,
    store: `sqlite:${join(directory, "assay.db")}`,
    clients: [
      {
        client_id: "web",
        scopes: ["read", "write"],
        audiences: [API, ORDERS],
        grants: ["mint", "refresh", "exchange"],
      },
      {
        client_id: "orders",
        scopes: ["read"],
        audiences: [ORDERS],
        grants: ["mint", "exchange"],
        subject_audiences: [API],
      },
    ],
    ...overrides,
    listen: { address: "127.0.0.1:0", ...overrides.listen },
    keys: { dir: join(directory, "keys"), ...overrides.keys },
  };
}

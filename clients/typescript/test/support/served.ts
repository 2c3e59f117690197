/** A real Assay, with callers as a client of the package is one. */
import { onTestFinished } from "vitest";
import { startServerForFile, testCaller, type TestServer } from "../../../../test/support/server.ts";
import type { AtEnd } from "../../../../test/support/temporary-directory.ts";
import type { MintInput, TestClient } from "../../../../test/support/client.ts";
import { type AssayClient, type ClientOptions, openClient } from "../../src/index.ts";

export const API = "https://api.example";
/** Where nothing listens. */
export const NOWHERE = "unix:/nonexistent/assay.sock";
export const ORDERS = "https://orders.example";

type ServerOptions = NonNullable<Parameters<typeof startServerForFile>[0]>;

/** A resource server that may keep answers. */
export const service = testCaller({
  name: "service",
  permissions: ["introspect", "watch"],
  audiences: [API, ORDERS],
  cacheable_for: "1m",
});
const issuer = testCaller({
  name: "issuer",
  permissions: ["issue", "revoke", "introspect"],
  audiences: [API, ORDERS],
  clients: ["*"],
});

type Callers = NonNullable<ServerOptions["callers"]>;

const admin = testCaller({
  name: "admin",
  permissions: ["revoke", "admin"],
  audiences: [API, ORDERS],
  clients: ["*"],
});

export type Served = {
  server: TestServer;
  address: string;
  /** By which tokens are issued and revoked. */
  issuer: TestClient;
  /** By which clients are revoked. */
  admin: TestClient;
  /** An access token of alice for the API. */
  token(mint?: MintInput): Promise<string>;
  /** Takes over further callers. */
  reload(callers: Callers): Promise<void>;
  /** A client of the package, closed with the test. */
  client(options?: Partial<ClientOptions>): AssayClient;
};

/**
 * @param options `ca`: who signed its certificate, where it has one
 * @param atEnd of the test; give `afterAll` in a `beforeAll`
 */
export async function serveAssay(
  { ca, ...overrides }: ServerOptions & { ca?: string } = {},
  atEnd: AtEnd = onTestFinished,
): Promise<Served> {
  const callers = [service.entry, issuer.entry, admin.entry, ...(overrides.callers ?? [])];
  const server = await startServerForFile({ development: false, ...overrides, callers });
  atEnd(() => server.stop());
  const tls = ca === undefined ? {} : { tls: { ca } };
  const issuing = server.client({ secret: issuer.secret, ...tls });
  const { address } = server;
  return {
    server,
    address,
    issuer: issuing,
    admin: server.client({ secret: admin.secret, ...tls }),
    token: async (mint) => {
      const grant = { client_id: "web", subject: "alice", scope: "read", audience: [API], ...mint };
      return (await issuing.issue({ mint: grant })).access_token;
    },
    reload: (more) => server.reload({ development: false, ...overrides, callers: [...callers, ...more] }),
    client: (options) => openTestClient({ address, credentials: { secret: service.secret }, ...options }),
  };
}

/** Closed with the test. What takes long is no fault of what is tested: the machine may be busy. */
export function openTestClient(options: ClientOptions): AssayClient {
  const client = openClient({ deadlineMs: 20_000, ...options });
  onTestFinished(() => client.close());
  return client;
}

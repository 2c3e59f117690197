/**
 * node-oidc-provider as an introspection endpoint, in a process of its own:
 *   node bench/peers/oidc-provider-process.ts '{"secret": "…", "audience": "https://api.example", "scope": "read"}'
 * Prints its port on one line. Its own in-memory adapter evicts after 1,000 records; this one keeps all.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { exportJWK, generateKeyPair } from "jose";
// Not the package's index, which warns of every Node that is not yet LTS.
import { Provider } from "oidc-provider/lib/provider.js";
import { z } from "zod";

const setup = z
  .object({ secret: z.string(), audience: z.string(), scope: z.string() })
  .parse(JSON.parse(process.argv[2] ?? "{}"));

// A connection that idles is kept: what is measured is not how it is opened.
const server = createServer({ keepAliveTimeout: 600_000 }).listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
if (address === null || typeof address === "string") throw new Error("no port");
const { privateKey } = await generateKeyPair("ES256", { extractable: true });
const key = { ...(await exportJWK(privateKey)), alg: "ES256", use: "sig", kid: "bench" };

/** Whatever would print a warning is set; all that is not introspection, revocation and the issuing of tokens is off. */
const provider = new Provider(`http://127.0.0.1:${address.port}`, {
  adapter: adapterOver(new Map()),
  jwks: { keys: [key] },
  cookies: { keys: [setup.secret] },
  clients: [
    {
      client_id: "bench",
      client_secret: setup.secret,
      token_endpoint_auth_method: "client_secret_basic",
      grant_types: ["client_credentials"],
      response_types: [],
      redirect_uris: [],
      id_token_signed_response_alg: "ES256",
      scope: setup.scope,
    },
  ],
  scopes: setup.scope.split(" "),
  ttl: { ClientCredentials: 3_600 },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({ audience: setup.audience, scope: setup.scope, accessTokenFormat: "opaque" }),
    },
  },
});
server.on("request", provider.callback());
console.log(address.port);

type Payload = { consumed?: number };

/** As node-oidc-provider's own, without its limit: opaque tokens of client credentials belong to no grant and need no index. */
function adapterOver(records: Map<string, Payload>): object {
  return class {
    readonly model: string;

    constructor(model: string) {
      this.model = model;
    }

    async upsert(id: string, payload: Payload): Promise<void> {
      records.set(this.key(id), payload);
    }

    async find(id: string): Promise<Payload | undefined> {
      return records.get(this.key(id));
    }

    async consume(id: string): Promise<void> {
      const payload = records.get(this.key(id));
      if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1_000);
    }

    async destroy(id: string): Promise<void> {
      records.delete(this.key(id));
    }

    async findByUid(): Promise<undefined> {}
    async findByUserCode(): Promise<undefined> {}
    async revokeByGrantId(): Promise<void> {}

    private key(id: string): string {
      return `${this.model}:${id}`;
    }
  };
}

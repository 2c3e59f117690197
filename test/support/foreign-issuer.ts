/** A real foreign identity provider: node-oidc-provider, which issues JWT access tokens (RFC 9068) signed with keys of its own. */
import { randomBytes, randomUUID } from "node:crypto";
import type { RequestListener } from "node:http";
import { exportJWK, generateKeyPair, type JWK } from "jose";
// Not the package's index, which warns of every Node that is not yet LTS.
import { Provider } from "oidc-provider/lib/provider.js";
import { z } from "zod";
import { recordJwk } from "./leaks/record-files.ts";
import { recordSecret } from "./leaks/record.ts";
import { startRestartableServer } from "./restartable-server.ts";

export type ForeignIssuerOptions = {
  algorithm?: "ES256" | "RS256" | "EdDSA";
  /** Seconds. */
  lifetime?: number;
};

export type ForeignIssuer = {
  issuer: string;
  clientId: string;
  /** A new access token for one resource server. The scopes are separated by spaces, out of `read write`. */
  token(request: { audience: string; scope?: string }): Promise<string>;
  /** From now on signs with a new key; publishes the old ones too. */
  rotateKeys(): Promise<void>;
  /** Publishes a new key, and goes on signing with the present one until `useNextKey`. */
  publishNextKey(): Promise<void>;
  useNextKey(): void;
  /** How often its keys have been asked for. */
  keyRequests(): number;
  /** Answers so whoever asks for its keys; honestly again without a listener. */
  answerKeysWith(listener?: RequestListener): void;
  /** Out of reach, and back on the same port. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
};

type Setup = { algorithm: string; lifetime: number; clientId: string; secret: string };

const SCOPES = "read write";
/** Of node-oidc-provider, by default. */
const KEYS_PATH = "/jwks";
const tokenResponse = z.object({ access_token: z.string() });

export async function startForeignIssuer(options: ForeignIssuerOptions = {}): Promise<ForeignIssuer> {
  const { algorithm = "ES256", lifetime = 600 } = options;
  const setup = { algorithm, lifetime, clientId: "machine", secret: randomBytes(32).toString("base64url") };
  recordSecret({ kind: "the secret of a provider's client", token: setup.secret });
  let handle: RequestListener | undefined;
  let answerKeys: RequestListener | undefined;
  let keyRequests = 0;
  const server = await startRestartableServer((request, response) => {
    const isForKeys = request.url === KEYS_PATH;
    if (isForKeys) keyRequests += 1;
    (isForKeys && answerKeys !== undefined ? answerKeys : handle)?.(request, response);
  });
  const keys: JWK[] = [];

  const serve = (): void => {
    handle = new Provider(server.origin, configuration(setup, keys)).callback();
  };
  const rotateKeys = async (): Promise<void> => {
    keys.unshift(await newKey(algorithm));
    serve();
  };
  await rotateKeys();
  return {
    issuer: server.origin,
    clientId: setup.clientId,
    token: async ({ audience, scope = "read" }) => fetchToken(server.origin, setup, audience, scope),
    rotateKeys,
    publishNextKey: async () => {
      keys.push(await newKey(algorithm));
      serve();
    },
    useNextKey: () => {
      const next = keys.pop();
      if (next === undefined) throw new Error("no next key was published");
      keys.unshift(next);
      serve();
    },
    keyRequests: () => keyRequests,
    answerKeysWith: (listener) => {
      answerKeys = listener;
    },
    down: async () => server.down(),
    up: async () => server.up(),
    stop: async () => server.down(),
  };
}

async function newKey(alg: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(privateKey);
  recordJwk("a provider's signing key", jwk);
  return { ...jwk, alg, use: "sig", kid: randomUUID() };
}

/** The first key that fits signs; all are published. Whatever would print a warning is set. */
function configuration({ algorithm, lifetime, clientId, secret }: Setup, keys: readonly JWK[]): object {
  return {
    adapter: Nothing,
    jwks: { keys },
    cookies: { keys: [secret] },
    clients: [
      {
        client_id: clientId,
        client_secret: secret,
        grant_types: ["client_credentials"],
        response_types: [],
        redirect_uris: [],
        id_token_signed_response_alg: algorithm,
        scope: SCOPES,
      },
    ],
    scopes: SCOPES.split(" "),
    ttl: { ClientCredentials: lifetime },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context: unknown, resource: string) => ({
          audience: resource,
          scope: SCOPES,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: algorithm } },
        }),
      },
    },
  };
}

async function fetchToken(
  origin: string,
  { clientId, secret }: Setup,
  resource: string,
  scope: string,
): Promise<string> {
  const response = await fetch(`${origin}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "client_credentials", resource, scope }),
  });
  if (!response.ok) throw new Error(`the foreign issuer answered ${response.status}: ${await response.text()}`);
  return tokenResponse.parse(await response.json()).access_token;
}

/** Keeps nothing: a JWT access token needs no record. */
class Nothing {
  async upsert(): Promise<void> {}
  async find(): Promise<undefined> {}
  async findByUid(): Promise<undefined> {}
  async findByUserCode(): Promise<undefined> {}
  async consume(): Promise<void> {}
  async destroy(): Promise<void> {}
  async revokeByGrantId(): Promise<void> {}
}

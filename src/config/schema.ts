/** The one place that says what may be configured. Everything else (types, environment variables, JSON Schema) follows from it. */
import { z } from "zod";
import { PERMISSIONS } from "../core/caller.ts";
import { DURATION_HINT, DURATION_PATTERN, parseDuration } from "./duration.ts";

const milliseconds = z
  .string(DURATION_HINT)
  .regex(DURATION_PATTERN, DURATION_HINT)
  .transform((text, context) => {
    const value = parseDuration(text);
    if (value !== undefined) return value;
    context.issues.push({ code: "custom", message: DURATION_HINT, input: text });
    return z.NEVER;
  });

const seconds = milliseconds
  .refine((value) => value % 1_000 === 0, "write whole seconds: 10s, 15m, 1h, 7d")
  .transform((value) => value / 1_000);

const identifier = z.string().min(1).max(255);
const identifiers = z.array(identifier);
const scopes = z.array(
  z
    .string()
    .regex(
      /^[\x21\x23-\x5B\x5D-\x7E]+$/,
      "a scope is printable ASCII without space, quote and backslash (RFC 6749 section 3.3)",
    ),
);
const issuerUrl = z.string().min(1).max(255);
const callsPerSecond = z.number().min(0.01).max(1_000_000);
const callsAtOnce = z.int().min(1).max(1_000_000);

export const SIGNING_ALGORITHMS = ["EdDSA", "ES256", "PS256", "RS256", "ML-DSA-65"] as const;
const VERIFICATION_ALGORITHMS = [
  "EdDSA",
  "Ed25519",
  "ES256",
  "ES384",
  "ES512",
  "PS256",
  "PS384",
  "PS512",
  "RS256",
  "RS384",
  "RS512",
] as const;

const listen = z
  .strictObject({
    address: z
      .string()
      .min(1)
      .default("127.0.0.1:50051")
      .describe(
        "HOST:PORT, [IPv6]:PORT, or unix:/absolute/path.sock. Plaintext is allowed on loopback and Unix sockets only.",
      ),
    tls: z
      .strictObject({
        certificate: z.string().min(1).describe("PEM file: the server's certificate chain."),
        key: z.string().min(1).describe("PEM file: its private key."),
        client_ca: z
          .string()
          .min(1)
          .optional()
          .describe("PEM file: the authorities that sign callers' certificates. Turns mTLS on."),
        require_client_certificate: z
          .boolean()
          .default(false)
          .describe("Refuse connections without a client certificate."),
      })
      .optional(),
    caller_audience: identifier
      .optional()
      .describe("What callers' own tokens must name in aud. Needed by callers that are recognised by a jwt."),
    reflection: z.boolean().optional().describe("gRPC server reflection. On in development, off otherwise."),
    max_message_bytes: z.int().min(1_024).max(4_194_304).default(262_144),
    shutdown_grace: milliseconds.prefault("10s").describe("How long accepted calls may take to finish at a stop."),
  })
  .prefault({});

const store = z
  .preprocess(
    fromShorthand,
    z.strictObject({
      url: z
        .string()
        .min(1)
        .default("sqlite:./data/assay.db")
        .describe("sqlite:PATH, redis://[USER:PASSWORD@]HOST[:PORT][/DB] or rediss://…"),
      timeout: milliseconds
        .prefault("250ms")
        .describe("How long one store operation may take before the call fails with UNAVAILABLE."),
      unsafe_allow_volatile: z
        .boolean()
        .default(false)
        .describe("Accept a Redis that may lose or evict acknowledged revocations. For trials only."),
      unsafe_allow_plaintext: z
        .boolean()
        .default(false)
        .describe("Accept redis:// off loopback, where the network is trusted."),
      attest_durable: z
        .boolean()
        .default(false)
        .describe(
          "Where CONFIG is forbidden: you attest appendonly yes, appendfsync always, no-appendfsync-on-rewrite no and maxmemory-policy noeviction.",
        ),
    }),
  )
  .prefault({});

const keys = z
  .strictObject({
    dir: z
      .string()
      .min(1)
      .default("./data/keys")
      .describe(
        "Where the master key lies (master.key, mode 0600), made at the first start of a new store. All other keys lie in the store, sealed under it.",
      ),
    master_key_file: z
      .string()
      .min(1)
      .optional()
      .describe(
        "The master key, elsewhere: a file of mode 0600 with 32 bytes as base64url text. The same at every instance.",
      ),
    master_key: z
      .string()
      .min(1)
      .optional()
      .describe(
        "The master key itself, as base64url text: for the variable ASSAY_KEYS_MASTER_KEY rather than for a file.",
      ),
    previous_master_key_file: z
      .string()
      .min(1)
      .optional()
      .describe("While the master key changes: the former one. What it seals is sealed anew at the start."),
    algorithm: z
      .enum(SIGNING_ALGORITHMS)
      .default("EdDSA")
      .describe("For signing keys made from now on. ML-DSA-65 is experimental in Node 26, and few verify it yet."),
    publish_before: milliseconds
      .prefault("60s")
      .describe(
        "How long a new key is published before its first use: longer than followers of the JWKS wait between two looks.",
      ),
    rotate_every: milliseconds.prefault("90d").describe("The age at which a key gets a successor; 0s for never."),
  })
  .prefault({});

const tokens = z
  .strictObject({
    access_lifetime: seconds.prefault("15m"),
    access_max_lifetime: seconds
      .prefault("1h")
      .describe("No access token of ours lives longer, whatever a client's policy says."),
    refresh_idle_lifetime: seconds.prefault("7d"),
    refresh_absolute_lifetime: seconds.prefault("30d"),
    leeway: seconds.prefault("10s").describe("For iat of our own tokens."),
  })
  .prefault({});

const dpop = z
  .strictObject({
    max_age: seconds
      .refine(
        (value) => value >= 1 && value <= 600,
        "write a duration between 1s and 10m: each proof is remembered as long",
      )
      .prefault("60s")
      .describe("How old a DPoP proof may be (RFC 9449 section 4.3)."),
    require_nonce: z
      .boolean()
      .default(false)
      .describe("Refuse DPoP proofs without a current nonce of ours (RFC 9449 sections 8 and 9)."),
  })
  .prefault({});

/** What may be read under a foreign name: nothing by which a token is judged alive or bound. */
const claimNames = z
  .strictObject({
    scope: identifiers.default([]).describe("Text or a list: scp, roles, groups, permissions."),
    client_id: identifiers.default([]).describe("azp, cid, appid."),
    username: identifiers.default([]).describe("preferred_username, upn."),
    sub: identifiers.default([]),
    sid: identifiers.default([]),
    jti: identifiers.default([]).describe("uti."),
  })
  .prefault({});

const keySource = z
  .strictObject({
    cool_down: milliseconds
      .prefault("30s")
      .describe(
        "The least time from one fetch to the next, whatever asks for it. Publish new keys this long before use.",
      ),
    max_age: milliseconds
      .prefault("10m")
      .describe("How long fetched keys are used, unless the answer's Cache-Control says less."),
    max_stale: milliseconds
      .prefault("1h")
      .describe("How much longer they are used while they cannot be fetched; then UNAVAILABLE."),
    timeout: milliseconds.prefault("5s").describe("For one fetch, discovery included."),
    allow_private_addresses: z
      .boolean()
      .default(false)
      .describe("Allow keys from loopback, private, link-local and other addresses that are not public."),
  })
  .prefault({});

const trustedIssuer = z.strictObject({
  issuer: issuerUrl.describe("The exact iss of its tokens."),
  discovery: z.boolean().default(false).describe("Find the keys through ISSUER/.well-known/openid-configuration."),
  jwks_uri: z.string().min(1).optional(),
  jwks_file: z.string().min(1).optional(),
  allow_http_loopback: z.boolean().default(false).describe("Allow http:// for keys on loopback. For trials only."),
  algorithms: z.array(z.enum(VERIFICATION_ALGORITHMS)).min(1),
  audiences: identifiers.default([]).describe("A token must name at least one."),
  use: z
    .array(z.enum(["tokens", "callers"]))
    .min(1)
    .default(["tokens"])
    .describe(
      "tokens: its tokens are introspected. callers: its tokens recognise callers. Neither follows from the other.",
    ),
  types: z
    .array(z.string().min(1))
    .min(1)
    .default(["at+jwt"])
    .describe("Accepted typ header values; at+jwt as RFC 9068 asks."),
  allow_missing_type: z
    .boolean()
    .default(false)
    .describe("Accept tokens without a typ header too, as Kubernetes makes."),
  max_lifetime: seconds.prefault("1h").describe("Tokens with a greater exp - iat are inactive."),
  leeway: seconds.prefault("10s"),
  required_claims: identifiers.default([]).describe("Claims without which a token is inactive, by our names."),
  claims: claimNames.describe(
    "What this issuer calls our claims, in order of preference: scope: [scp], client_id: [azp, cid]. Our own name always comes first.",
  ),
  keys: keySource,
});

const client = z.strictObject({
  client_id: identifier,
  public: z
    .boolean()
    .default(false)
    .describe("It has no secret of its own (RFC 6749 section 2.1): its bound refresh tokens stay bound to one key."),
  scopes: scopes.default([]),
  audiences: identifiers.min(1),
  formats: z
    .array(z.enum(["jwt", "opaque"]))
    .min(1)
    .default(["jwt", "opaque"])
    .describe("The first is the default."),
  grants: z
    .array(z.enum(["mint", "refresh", "exchange"]))
    .min(1)
    .default(["mint", "refresh"]),
  subject_audiences: identifiers
    .default([])
    .describe("Tokens meant for these audiences may be exchanged by this client, besides its own."),
  access_lifetime: seconds.optional(),
  access_max_lifetime: seconds.optional(),
  refresh_idle_lifetime: seconds.optional(),
  refresh_absolute_lifetime: seconds.optional(),
  refresh_grace: seconds.prefault("10s").describe("How long a lost refresh answer may be retried; 0s turns it off."),
});

const caller = z.strictObject({
  name: identifier,
  certificate_san: z
    .array(z.string().min(1))
    .default([])
    .describe("Exact subject alternative names: URI:spiffe://…, DNS:name."),
  secret_sha256: z
    .array(z.string().regex(/^[0-9a-f]{64}$/, "64 lower-case hex digits, as printed by: assay config secret"))
    .default([]),
  jwt: z
    .strictObject({
      issuer: issuerUrl.describe("One of issuers, with callers in its use."),
      subject: z.string().min(1).max(1_024).describe("Exact sub: system:serviceaccount:NAMESPACE:NAME in Kubernetes."),
    })
    .optional()
    .describe("Recognised by a bearer JWT that names listen.caller_audience."),
  unix_socket: z
    .boolean()
    .default(false)
    .describe("Whoever can open the Unix socket of listen.address is this caller."),
  calls_per_second: callsPerSecond.optional().describe("Instead of limits.calls_per_second."),
  burst: callsAtOnce.optional().describe("Instead of limits.burst."),
  permissions: z.array(z.enum(PERMISSIONS)).min(1),
  audiences: identifiers.default([]).describe("Its own identifiers as a resource server."),
  clients: identifiers.default([]).describe('Clients it may issue and revoke for; ["*"] for all.'),
});

const limits = z
  .strictObject({
    connections: z.int().min(1).max(100_000).default(4_096).describe("Open at once; more are closed at once."),
    connection_age: milliseconds
      .prefault("1h")
      .describe(
        "After which a connection is asked to go, so that callers spread over instances and show certificates anew.",
      ),
    connection_age_grace: milliseconds.prefault("30s").describe("How long the calls of such a connection may take."),
    connection_idle: milliseconds.prefault("10m").describe("After which a connection without calls is closed."),
    keepalive_interval: milliseconds.prefault("1m").describe("How often a connection is asked whether it is alive."),
    keepalive_timeout: milliseconds.prefault("20s").describe("How long its answer may take."),
    handshake_timeout: milliseconds.prefault("10s").describe("For the TLS handshake."),
    concurrent_streams: z.int().min(1).max(10_000).default(256).describe("Calls at once on one connection."),
    header_bytes: z
      .int()
      .min(1_024)
      .max(65_535)
      .default(16_384)
      .describe("The metadata of a call, counted as HTTP/2 does: name, value and 32 bytes for each entry."),
    calls_in_flight: z
      .int()
      .min(1)
      .max(100_000)
      .default(2_048)
      .describe("Calls worked on at once; more are answered RESOURCE_EXHAUSTED."),
    calls_per_second: callsPerSecond
      .default(50_000)
      .describe("Of one caller at one instance, on average; more are answered RESOURCE_EXHAUSTED with RetryInfo."),
    burst: callsAtOnce.optional().describe("How many calls may come at once. As many as calls_per_second when absent."),
  })
  .prefault({});

const telemetry = z
  .strictObject({
    enabled: z
      .boolean()
      .optional()
      .describe(
        "Start OpenTelemetry. Also started when OTEL_EXPORTER_OTLP_ENDPOINT or another standard OTEL_ exporter variable is set.",
      ),
    otlp_endpoint: z.string().min(1).optional().describe("http://HOST:4317, as OTEL_EXPORTER_OTLP_ENDPOINT."),
    sample_ratio: z.number().min(0).max(1).default(1),
    service_name: z.string().min(1).default("assay"),
  })
  .prefault({});

const log = z
  .strictObject({
    level: z.enum(["debug", "info", "warn", "error"]).default("info"),
    format: z.enum(["auto", "json", "pretty"]).default("auto").describe("auto: pretty on a terminal, else JSON."),
  })
  .prefault({});

/** A store may be written as its URL alone. */
export function fromShorthand(value: unknown): unknown {
  return typeof value === "string" ? { url: value } : value;
}

export const configSchema = z.strictObject({
  development: z
    .boolean()
    .default(false)
    .describe("Loopback only: an unauthenticated caller with every permission, reflection on."),
  issuer: issuerUrl.describe("The iss of our own tokens: an https URL without query and fragment."),
  listen,
  store,
  keys,
  tokens,
  dpop,
  issuers: z.array(trustedIssuer).default([]),
  clients: z.array(client).default([]),
  callers: z.array(caller).default([]),
  limits,
  telemetry,
  log,
});

export type Config = z.output<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;
export type TrustedIssuerConfig = Config["issuers"][number];
export type ClientConfig = Config["clients"][number];
export type CallerConfig = Config["callers"][number];

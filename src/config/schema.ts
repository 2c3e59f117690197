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

export const SIGNING_ALGORITHMS = ["EdDSA", "ES256", "PS256", "RS256"] as const;
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
        "Where the signing keys, the MAC key and the master key lie, mode 0600. Shared by all instances of one deployment.",
      ),
    algorithm: z.enum(SIGNING_ALGORITHMS).default("EdDSA").describe("For signing keys made from now on."),
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

const trustedIssuer = z.strictObject({
  issuer: issuerUrl.describe("The exact iss of its tokens."),
  discovery: z.boolean().default(false).describe("Find the keys through ISSUER/.well-known/openid-configuration."),
  jwks_uri: z.string().min(1).optional(),
  jwks_file: z.string().min(1).optional(),
  allow_http_loopback: z.boolean().default(false).describe("Allow http:// for keys on loopback. For trials only."),
  algorithms: z.array(z.enum(VERIFICATION_ALGORITHMS)).min(1),
  audiences: identifiers.min(1).describe("A token must name at least one."),
  types: z
    .array(z.string().min(1))
    .min(1)
    .default(["at+jwt"])
    .describe("Accepted typ header values; at+jwt as RFC 9068 asks."),
  max_lifetime: seconds.prefault("1h").describe("Tokens with a greater exp - iat are inactive."),
  leeway: seconds.prefault("10s"),
});

const client = z.strictObject({
  client_id: identifier,
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
  permissions: z.array(z.enum(PERMISSIONS)).min(1),
  audiences: identifiers.default([]).describe("Its own identifiers as a resource server."),
  clients: identifiers.default([]).describe('Clients it may issue and revoke for; ["*"] for all.'),
});

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
  issuers: z.array(trustedIssuer).default([]),
  clients: z.array(client).default([]),
  callers: z.array(caller).default([]),
  telemetry,
  log,
});

export type Config = z.output<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;
export type TrustedIssuerConfig = Config["issuers"][number];
export type ClientConfig = Config["clients"][number];
export type CallerConfig = Config["callers"][number];

/** The one place that says what may be configured. Everything else (types, environment variables, JSON Schema) follows from it. */
import { z } from "zod";
import { caller, client, trustedIssuer } from "./schema-parties.ts";
import { events } from "./schema-events.ts";
import { limits } from "./schema-limits.ts";
import { signals } from "./schema-signals.ts";
import { store } from "./schema-store.ts";
import { log, telemetry } from "./schema-telemetry.ts";
import { milliseconds, seconds, identifier, issuerUrl } from "./schema-values.ts";

export const SIGNING_ALGORITHMS = ["EdDSA", "ES256", "PS256", "RS256", "ML-DSA-65"] as const;

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
    max_message_bytes: z.int().min(1_024).max(4_194_304).default(524_288),
    shutdown_grace: milliseconds.prefault("10s").describe("How long accepted calls may take to finish at a stop."),
  })
  .prefault({});

const revocations = z
  .strictObject({
    max_staleness: milliseconds
      .refine((value) => value >= 100, "write a duration of at least 100ms: the store is asked several times within it")
      .prefault("1s")
      .describe(
        "How long ago the store must have proved that no revocation is missing. A call that finds no such proof, and gets none in store.timeout, is answered UNAVAILABLE.",
      ),
    capacity: z
      .int()
      .min(1_000)
      .max(50_000_000)
      .default(2_000_000)
      .describe(
        "Live revocations at once, about 50 bytes of memory each. Beyond, Revoke is answered RESOURCE_EXHAUSTED.",
      ),
  })
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

const admin = z
  .strictObject({
    address: z
      .string()
      .min(1)
      .optional()
      .describe(
        "HOST:PORT or [IPv6]:PORT of the console, for people with a browser. Off unless set. On loopback in plaintext, for whoever is on this machine to look; elsewhere with the certificate of listen.tls, for callers with the permission admin.",
      ),
  })
  .prefault({});

const upstream = z
  .strictObject({
    authorities: z
      .array(z.string().min(1))
      .min(1)
      .max(16)
      .describe(
        "HOST:PORT, [IPv6]:PORT or unix:/absolute/path.sock of the deployment's authorities: one is asked, the others stand by.",
      ),
    tls: z
      .strictObject({
        ca: z.string().min(1).describe("PEM file: the authorities that sign their certificates."),
        certificate: z.string().min(1).optional().describe("PEM file: this verifier's certificate, as their caller."),
        key: z.string().min(1).optional().describe("PEM file: its private key."),
        server_name: identifier
          .optional()
          .describe("What their certificates name, where it is not the host of the address."),
      })
      .optional()
      .describe("Without it in plaintext, on loopback and Unix sockets only."),
    secret_file: z
      .string()
      .min(1)
      .optional()
      .describe("File with the secret of this verifier as their caller (made by: assay config secret)."),
    timeout: milliseconds
      .prefault("230ms")
      .describe(
        "How long one question to the authorities may take before the call fails with UNAVAILABLE. Longer than their store.timeout, so that they can say what is wrong.",
      ),
  })
  .optional();

export const configSchema = z.strictObject({
  development: z
    .boolean()
    .default(false)
    .describe("Loopback only: an unauthenticated caller with every permission, reflection on."),
  workers: z
    .union([z.int().min(1).max(256), z.literal("auto")])
    .default(1)
    .describe(
      "Processes that serve together on the one address, as --workers: a number, or auto for one a processor. Each has a view and a memory of its own, and every limit holds for each.",
    ),
  role: z
    .enum(["authority", "verifier"])
    .default("authority")
    .describe(
      "authority: reaches the store and holds keys. verifier: holds neither, follows an authority (see upstream), and judges tokens by itself.",
    ),
  upstream: upstream.describe("A verifier's authorities: instances of the deployment whose tokens it judges."),
  issuer: issuerUrl.describe("The iss of our own tokens: an https URL without query and fragment."),
  listen,
  store,
  revocations,
  keys,
  tokens,
  dpop,
  issuers: z.array(trustedIssuer).default([]),
  clients: z.array(client).default([]),
  callers: z.array(caller).default([]),
  events: events.describe("Who is told of revocations and signals (docs/events.md)."),
  limits,
  signals,
  telemetry,
  admin,
  log,
});

export type Config = z.output<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;
export type TrustedIssuerConfig = Config["issuers"][number];
export type ClientConfig = Config["clients"][number];
export type CallerConfig = Config["callers"][number];
export type ReceiverConfig = Config["events"]["receivers"][number];

/** Whom the configuration knows: issuers of tokens, clients they are issued to, callers that ask. */
import { z } from "zod";
import { PERMISSIONS } from "../core/caller.ts";
import {
  milliseconds,
  seconds,
  identifier,
  identifiers,
  scopes,
  issuerUrl,
  callsPerSecond,
  callsAtOnce,
} from "./schema-values.ts";

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

export const trustedIssuer = z.strictObject({
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

export const client = z.strictObject({
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

const limitedPermission = z.strictObject({
  permission: z.enum(PERMISSIONS),
  audiences: identifiers
    .min(1)
    .optional()
    .describe("Some of the caller's audiences: for tokens that name one of them only. Not for watch and admin."),
  clients: identifiers
    .min(1)
    .optional()
    .describe("Some of the caller's clients: for tokens of these clients only. Not for watch."),
});

const permission = z.union([
  z.enum(PERMISSIONS).transform((name): z.output<typeof limitedPermission> => ({ permission: name })),
  limitedPermission,
]);

export const caller = z.strictObject({
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
  serve_stale_for: milliseconds
    .prefault("0s")
    .describe(
      "While the store cannot be asked, its JWTs are judged by what is known, for so long after the last proof that no revocation was missing; the answer says how long ago that was. 0s: never.",
    ),
  cacheable_for: milliseconds
    .prefault("0s")
    .refine(
      (value) => value <= 300_000,
      "write a duration of at most 5m: an answer that is kept outlives a key that is withdrawn",
    )
    .describe(
      "For how long it may keep an active answer, while it follows the revocations (permission watch). A token bound to a key is never kept. 0s: not at all.",
    ),
  context_trusted: z
    .boolean()
    .default(false)
    .describe(
      "What it forwards of its clients (context) is good enough for signals.actions: it can have any token revoked that it may introspect.",
    ),
  permissions: z
    .array(permission)
    .min(1)
    .describe("Each a name, or {permission, audiences, clients} where it is limited to some of the caller's own."),
  audiences: identifiers
    .default([])
    .describe(
      "Its own identifiers as a resource server, for introspect. Other permissions are limited to audiences one by one.",
    ),
  clients: identifiers
    .default([])
    .describe(
      'Clients it may issue and revoke for; ["*"] for all. Other permissions are limited to clients one by one.',
    ),
});

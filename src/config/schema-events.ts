/** Who is told of security events. */
import { z } from "zod";
import { identifier } from "./schema-values.ts";

const EVENTS = ["session-revoked", "token-claims-change", "signal"] as const;

const receiver = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "write at most 63 of a-z, 0-9, '.', '_' and '-', the first a letter or digit")
    .describe("For logs and metrics."),
  url: z.string().min(1).max(2_048).describe("Where events are posted to (RFC 8935): https, or http on loopback."),
  audience: identifier.describe("The aud of its Security Event Tokens: its own, and no audience of access tokens."),
  events: z
    .array(z.enum(EVENTS))
    .min(1)
    .default(["session-revoked", "token-claims-change"])
    .describe("The first two are OpenID CAEP's, signal is Assay's own."),
  authorization_file: z
    .string()
    .min(1)
    .optional()
    .describe("File of mode 0600 with the bearer token that the receiver asks for. Read anew for each request."),
  ca_file: z
    .string()
    .min(1)
    .optional()
    .describe("PEM file: the authorities that sign its certificate; the system's otherwise."),
  allow_private_addresses: z
    .boolean()
    .default(false)
    .describe("Allow a receiver at a loopback, private, link-local or other address that is not public."),
});

export const events = z.strictObject({ receivers: z.array(receiver).max(16).default([]) }).prefault({});

/** Where what must not be forgotten is kept, and how surely. */
import { z } from "zod";
import { milliseconds } from "./schema-values.ts";

export const store = z
  .preprocess(
    fromShorthand,
    z.strictObject({
      url: z
        .string()
        .min(1)
        .default("sqlite:./data/assay.db")
        .describe(
          "sqlite:PATH, redis://[USER:PASSWORD@]HOST[:PORT][/DB], redis+sentinel://[USER:PASSWORD@]HOST[:PORT],…/NAME[/DB] or redis+cluster://[USER:PASSWORD@]HOST[:PORT],…; rediss for TLS.",
        ),
      timeout: milliseconds
        .prefault("200ms")
        .describe(
          "How long one store operation may take before the call fails with UNAVAILABLE. The answer to a caller takes a little longer.",
        ),
      durability: z
        .enum(["local", "replicated"])
        .default("local")
        .describe(
          "What an acknowledged write survives: a crash of the store's machine, or also its loss, once store.replicas have it.",
        ),
      replicas: z
        .int()
        .min(1)
        .max(16)
        .optional()
        .describe("With durability replicated: how many replicas of a Redis must have each write."),
      tls: z
        .strictObject({
          ca: z.string().min(1).optional().describe("PEM file: the authorities that sign the servers' certificates."),
          certificate: z.string().min(1).optional().describe("PEM file: Assay's own certificate chain."),
          key: z.string().min(1).optional().describe("PEM file: its private key."),
          server_name: z
            .string()
            .min(1)
            .optional()
            .describe("The name in the servers' certificates, where it is not the host that is connected to."),
        })
        .optional()
        .describe("For rediss URLs. The system's authorities when absent."),
      sentinel_username: z.string().min(1).optional().describe("The user at the Sentinels, who are not the store's."),
      sentinel_password: z
        .string()
        .min(1)
        .optional()
        .describe(
          "The password at the Sentinels: for the variable ASSAY_STORE_SENTINEL_PASSWORD rather than for a file.",
        ),
      unsafe_allow_volatile: z
        .boolean()
        .default(false)
        .describe("Accept a Redis that may lose or evict acknowledged revocations. For trials only."),
      unsafe_allow_plaintext: z
        .boolean()
        .default(false)
        .describe("Accept redis without TLS off loopback, where the network is trusted."),
      attest_durable: z
        .boolean()
        .default(false)
        .describe(
          "Where CONFIG is forbidden: you attest appendonly yes, appendfsync always, no-appendfsync-on-rewrite no and maxmemory-policy noeviction.",
        ),
    }),
  )
  .prefault({});

/** A store may be written as its URL alone. */
export function fromShorthand(value: unknown): unknown {
  return typeof value === "string" ? { url: value } : value;
}

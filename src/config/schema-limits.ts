/** What a peer may cost, and what is kept in memory. */
import { z } from "zod";
import { callsAtOnce, callsPerSecond, milliseconds } from "./schema-values.ts";

export const limits = z
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
    concurrent_streams: z.int().min(1).max(10_000).default(100).describe("Calls at once on one connection."),
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
      .describe("Calls, and items of batches and streams, worked on at once; more are answered RESOURCE_EXHAUSTED."),
    streams: z
      .int()
      .min(1)
      .max(100_000)
      .default(1_024)
      .describe(
        "Watches of revocations, and streams of introspections, that are open at once; more are answered RESOURCE_EXHAUSTED.",
      ),
    streams_per_caller: z.int().min(1).max(100_000).default(256).describe("Those of one caller."),
    calls_per_second: callsPerSecond
      .default(50_000)
      .describe("Of one caller at one instance, on average; more are answered RESOURCE_EXHAUSTED with RetryInfo."),
    burst: callsAtOnce.optional().describe("How many calls may come at once. As many as calls_per_second when absent."),
    remembered_bytes: z
      .int()
      .min(0)
      .max(8_589_934_592)
      .default(268_435_456)
      .describe(
        "The memory for tokens that need not be verified again while they live, in bytes: one or two kilobytes each. The oldest go first, but for those that were used meanwhile.",
      ),
  })
  .prefault({});

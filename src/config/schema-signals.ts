import { z } from "zod";
import { milliseconds } from "./schema-values.ts";

const enabled = z.boolean().default(true);
const count = z.int().min(1).max(1_000_000);
const share = z.number().min(0).max(1);
const window = milliseconds.refine(
  (value) => value >= 1_000 && value <= 86_400_000,
  "write a duration between 1s and 24h",
);
const COOLDOWN = "For so long the same is not told again of the same token, caller or network.";

/** What every kind has. */
function base(cooldown: string) {
  return { enabled, cooldown: window.prefault(cooldown).describe(COOLDOWN) };
}

/** When each kind is told. Defaults lie above what simulated honest traffic does: docs/signals.md has the figures. */
const detectors = z
  .strictObject({
    revoked_token_used: z
      .strictObject({
        ...base("1h"),
        occasions: count
          .default(5)
          .describe("Occasions after the revocation that make it a warning. The first is told as info."),
        apart: window.prefault("10s").describe("Uses that are less than this apart are one occasion."),
        window: window.prefault("1h"),
      })
      .prefault({}),
    expired_token_used: z
      .strictObject({
        ...base("1h"),
        occasions: count.default(5).describe("Occasions after the expiry that make it a warning."),
        apart: window.prefault("5m").describe("Uses that are less than this apart are one occasion."),
        window: window.prefault("1h"),
      })
      .prefault({}),
    token_context_changed: z.strictObject(base("1h")).prefault({}),
    token_in_many_networks: z
      .strictObject({
        ...base("1h"),
        networks: z.int().min(2).max(40).default(12),
        window: window
          .refine((value) => value <= 3_600_000, "write a duration of at most 1h: so long instances count together")
          .prefault("1h"),
      })
      .prefault({}),
    token_velocity: z
      .strictObject({
        ...base("1h"),
        uses: count.default(100).describe("Within the window, and besides"),
        times: count.default(20).describe("so many times the token's mean,"),
        window: window.prefault("1m"),
        habit: window.prefault("5m").describe("of a token that has been known for so long."),
      })
      .prefault({}),
    audience_probing: z
      .strictObject({
        ...base("1h"),
        audiences: z.int().min(2).max(12).default(5).describe("Audiences that the token is not for."),
        window: window.prefault("10m"),
      })
      .prefault({}),
    bad_token_burst: z
      .strictObject({
        ...base("10m"),
        by_caller: count.default(20).describe("Malformed or forged tokens of one caller,"),
        share: share.default(0.05).describe("if they are at least this share of all that it asks."),
        by_network: count.default(10).describe("Those of one client network."),
        window: window.prefault("1m"),
      })
      .prefault({}),
    unknown_key_burst: z
      .strictObject({
        ...base("10m"),
        by_caller: count.default(30).describe("Tokens of one caller that name keys which nobody publishes,"),
        share: share.default(0.05).describe("if they are at least this share of all that it asks."),
        window: window.prefault("1m"),
      })
      .prefault({}),
    refresh_token_forged: z.strictObject(base("10m")).prefault({}),
    proof_replayed: z.strictObject(base("10m")).prefault({}),
    proof_of_another_key: z.strictObject(base("10m")).prefault({}),
  })
  .prefault({})
  .describe("Each counts what one process sees; token_in_many_networks, besides, what the whole deployment does.");

const action = z.enum(["none", "revoke_token", "revoke_family"]).default("none");
const PROVED =
  "A revocation that follows from a signal by itself. It takes the token and a signed proof: what a caller forwards of its clients cannot cause it.";
const TOLD = "The same, for callers with context_trusted alone: it follows from what a caller forwards of its clients.";

const actions = z
  .strictObject({
    proof_replayed: action.describe(PROVED),
    proof_of_another_key: action.describe(PROVED),
    token_context_changed: action.describe(TOLD),
    token_in_many_networks: action.describe(TOLD),
    token_velocity: action.describe(TOLD),
    audience_probing: action.describe(TOLD),
  })
  .prefault({})
  .describe(
    "What is revoked by itself at a signal of severity warning or more. A verifier needs the permission revoke at its authority for it.",
  );

/** Signals of misuse. */
export const signals = z.strictObject({ detectors, actions }).prefault({});

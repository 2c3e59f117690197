/**
 * Whether the time of an inactive answer tells why it is inactive: opaque tokens that are unknown, expired, revoked or another
 * caller's, each asked about once, in turn. The time is the server's own, in the core over SQLite, with the log that a server has.
 */
import { randomBytes } from "node:crypto";
import { introspect } from "../../src/core/introspect.ts";
import { Secret } from "../../src/core/secret.ts";
import { encodeOpaqueToken } from "../../src/core/token/opaque-token.ts";
import { openLog } from "../../src/telemetry/log.ts";
import { signalSink } from "../../src/telemetry/signal-sink.ts";
import { API, caller, openTestCore, ORDERS, type TestCore } from "../../test/support/core-environment.ts";
import { minted, revoked } from "../../test/support/core-requests.ts";
import { medianDifferences } from "../median-differences.ts";
import type { Measure } from "../pairs.ts";

type Effort = { runs: number };

const KINDS = ["unknown", "expired", "revoked", "audience_mismatch"] as const;
type Kind = (typeof KINDS)[number];
type Tokens = Record<Kind, Secret[]>;

const SAMPLES = 10_000;
const SHORT_SAMPLES = 200;
const WARM_UP = 1_000;

export async function runTimingSuite(effort: Effort, report: (measure: Measure) => void): Promise<void> {
  const count = effort.runs === 1 ? SHORT_SAMPLES : SAMPLES;
  const ends: (() => Promise<void>)[] = [];
  try {
    const core = await openTestCore((end) => ends.push(end));
    const log = await openLog({ level: "warn", format: "json" }, { write: () => undefined });
    core.environment = { ...core.environment, signals: signalSink(log) };
    const tokens = await makeTokens(core, count + WARM_UP);
    const times = await measureTimes(core, tokens);
    for (const { names, medians, difference, interval } of medianDifferences(times)) {
      const [reference, product] = medians;
      report({
        suite: "timing",
        measure: `${names[1]}_against_${names[0]}`,
        unit: "µs/call",
        reference,
        product,
        ratio: product / reference,
        runs: count,
        difference,
        interval,
      });
    }
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

/** The expired first: then the clock moves on. */
async function makeTokens(core: TestCore, count: number): Promise<Tokens> {
  const mint = async (audience: string): Promise<Secret> =>
    (await minted(core, { format: "opaque", audience: [audience] })).accessToken;
  const many = async (make: () => Promise<Secret>): Promise<Secret[]> => {
    const made: Secret[] = [];
    while (made.length < count) made.push(...(await Promise.all(Array.from({ length: 100 }, make))));
    return made;
  };
  const expired = await many(() => mint(API));
  core.advance(3_600);
  return {
    unknown: await many(async () => new Secret(encodeOpaqueToken(randomBytes(32)))),
    expired,
    revoked: await many(async () => {
      const token = await mint(API);
      await revoked(core, { by: "token", token });
      return token;
    }),
    audience_mismatch: await many(() => mint(ORDERS)),
  };
}

/** Microseconds, one row a round: each kind once, in an order that changes from round to round. */
async function measureTimes(core: TestCore, tokens: Tokens): Promise<ReadonlyMap<Kind, Float64Array>> {
  const as = caller({ permissions: new Set(["introspect"]), audiences: new Set([API]) });
  const rounds = tokens.unknown.length - WARM_UP;
  const times = new Map(KINDS.map((kind) => [kind, new Float64Array(rounds)]));
  for (let round = 0; round < tokens.unknown.length; round++) {
    for (let turn = 0; turn < KINDS.length; turn++) {
      const kind = KINDS[(round + turn) % KINDS.length] ?? "unknown";
      const token = tokens[kind][round] ?? new Secret("");
      const started = process.hrtime.bigint();
      const answer = await introspect(core.environment, as, { token, audience: [], requiredScopes: [] });
      const elapsed = process.hrtime.bigint() - started;
      if (answer.active || answer.outcome !== kind) throw new Error(`not ${kind}`);
      const series = times.get(kind);
      if (series !== undefined && round >= WARM_UP) series[round - WARM_UP] = Number(elapsed) / 1_000;
      // What comes after an answer does not count against the next.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return times;
}

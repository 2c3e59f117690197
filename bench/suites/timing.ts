/**
 * Whether the time of an inactive answer tells why it is inactive: opaque tokens that are unknown, expired, revoked or another
 * caller's, each asked about once, in turn. The time is the server's own, from the core's question to its answer, over each store
 * (of Redis with the round trips to one on this machine), with the log that a server has.
 */
import { randomBytes } from "node:crypto";
import { introspect } from "../../src/core/introspect.ts";
import { recogniseFrom } from "../../src/core/recognise-own.ts";
import { openRevocations } from "../../src/core/revocations/revocations.ts";
import { Secret } from "../../src/core/secret.ts";
import { encodeOpaqueToken } from "../../src/core/token/opaque-token.ts";
import { openRedisStore } from "../../src/store/redis/open-redis-store.ts";
import { auditTrail } from "../../src/telemetry/audit-trail.ts";
import { openLog } from "../../src/telemetry/log.ts";
import { signalSink } from "../../src/telemetry/signal-sink.ts";
import { API, caller, openTestCore, ORDERS, type TestCore } from "../../test/support/core-environment.ts";
import { minted, revoked } from "../../test/support/core-requests.ts";
import { startRedisServer } from "../../test/support/redis-server.ts";
import type { AtEnd } from "../../test/support/temporary-directory.ts";
import type { Effort, Report } from "../effort.ts";
import { medianDifferences } from "../median-differences.ts";

const KINDS = ["unknown", "expired", "revoked", "audience_mismatch"] as const;
type Kind = (typeof KINDS)[number];
type Tokens = Record<Kind, Secret[]>;

const SAMPLES = 10_000;
const SHORT_SAMPLES = 200;
const WARM_UP = 1_000;
const DAY_MS = 86_400_000;
const AS = caller({ permissions: new Set(["introspect"]), audiences: new Set([API]) });

export async function runTimingSuite(effort: Effort, report: Report): Promise<void> {
  const count = effort.isShort ? SHORT_SAMPLES : SAMPLES;
  await runOverStore("sqlite", openTestCore, count, report);
  await runOverStore("redis", openRedisCore, count, report);
}

async function runOverStore(
  store: string,
  open: (atEnd: AtEnd) => Promise<TestCore>,
  count: number,
  report: Report,
): Promise<void> {
  const ends: (() => Promise<void>)[] = [];
  try {
    const core = await open((end) => ends.push(end));
    const log = await openLog({ level: "warn", format: "json" }, { write: () => undefined });
    core.environment = { ...core.environment, signals: signalSink(log, auditTrail(), () => undefined) };
    const tokens = await makeTokens(core, count + WARM_UP);
    const times = await measureTimes(core, tokens);
    for (const { names, medians, difference, interval } of medianDifferences(times)) {
      const [reference, product] = medians;
      report({
        suite: "timing",
        measure: `${names[1]}_against_${names[0]}_${store}`,
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

/** The clock begins at the true time, by which Redis drops records, and moves on only when told. */
async function openRedisCore(atEnd: AtEnd): Promise<TestCore> {
  const core = await openTestCore(atEnd);
  const redis = await startRedisServer();
  atEnd(() => redis.remove());
  let now = Date.now();
  const store = await openRedisStore({
    url: redis.url,
    timeoutMs: 5_000,
    greatestLifetimeMs: 31 * DAY_MS,
    allowVolatile: false,
    attestDurable: false,
    clock: { now: () => now },
  });
  const revocations = openRevocations({ store: store.revocations, maxStalenessMs: 1_000, capacity: 1_000_000 });
  atEnd(async () => {
    await revocations.close();
    await store.close();
  });
  const { keys, macKeys } = core.environment;
  return {
    ...core,
    environment: { ...core.environment, store, revocations, recogniseOwn: recogniseFrom({ store, keys, macKeys }) },
    now: () => now,
    advance: (seconds) => {
      now += seconds * 1_000;
    },
  };
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

/** Microseconds, one row a round: each kind once, in an order drawn anew, so that none comes after the same other each time. */
async function measureTimes(core: TestCore, tokens: Tokens): Promise<ReadonlyMap<Kind, Float64Array>> {
  const rounds = tokens.unknown.length - WARM_UP;
  const times = new Map(KINDS.map((kind) => [kind, new Float64Array(rounds)]));
  for (let round = 0; round < tokens.unknown.length; round++) {
    for (const kind of shuffled(KINDS)) {
      const elapsed = await timeOf(core, kind, asReceived(tokens[kind][round]));
      const series = times.get(kind);
      if (series !== undefined && round >= WARM_UP) series[round - WARM_UP] = elapsed;
      // What comes after an answer does not count against the next.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return times;
}

async function timeOf(core: TestCore, kind: Kind, token: Secret): Promise<number> {
  const started = process.hrtime.bigint();
  const answer = await introspect(core.environment, AS, { token, audience: [], requiredScopes: [] });
  const elapsed = process.hrtime.bigint() - started;
  if (answer.active || answer.outcome !== kind) throw new Error(`not ${kind}`);
  return Number(elapsed) / 1_000;
}

/** A string of its own, fresh from bytes as from the wire: one that was minted here is joined from parts, or hashed already. */
function asReceived(token: Secret | undefined): Secret {
  return new Secret(Buffer.from(token?.reveal() ?? "").toString());
}

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, rank: Math.random() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ value }) => value);
}

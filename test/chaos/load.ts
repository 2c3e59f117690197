/** Clients that live with tokens until they are told to stop: mint, refresh, ask, revoke, ask again, everywhere. */
import { setTimeout as sleep } from "node:timers/promises";
import type { History } from "./history.ts";
import { type Random, seededRandom } from "./random.ts";
import { type Callable, type RecordedCalls, recordedCalls, type Target, type Tokens } from "./recorded-calls.ts";

export type Load = {
  /** Resolves when the last call has been answered. */
  stop(): Promise<void>;
};

export type LoadOptions = {
  instances: readonly Callable[];
  history: History;
  seed: number;
  /** How many clients there are; each waits so long between two calls. */
  clients: number;
  pauseMs?: number;
};

type Life = {
  calls: RecordedCalls;
  random: Random;
  instances: readonly Callable[];
  /** What others have revoked, the last first. */
  revoked: string[];
  /** False when the load is to stop. */
  next: () => Promise<boolean>;
};

const REMEMBERED = 200;
const BACK_OFF_MS = 100;
const GREATEST_REFRESHES = 3;

export function startLoad({ instances, history, seed, clients, pauseMs = 15 }: LoadOptions): Load {
  const stopping = new AbortController();
  const revoked: string[] = [];
  const next = async (): Promise<boolean> => {
    await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    return !stopping.signal.aborted;
  };
  const running = Array.from({ length: clients }, async (_none, place) => {
    const random = seededRandom(seed * 1_000 + place);
    const life = { calls: recordedCalls(history, `client-${place}`), random, instances, revoked, next };
    while (await next()) await live(life);
  });
  return {
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

async function live(life: Life): Promise<void> {
  const { calls, random, instances, next } = life;
  const subject = `subject-${random.below(2 ** 32).toString(36)}`;
  const format = random.oneOf(["JWT", "OPAQUE"] as const);
  const { value: first } = await calls.mint(random.oneOf(instances), subject, format);
  if (first === undefined) {
    // What is down comes up the sooner the less it is asked.
    await sleep(BACK_OFF_MS);
    return;
  }
  // Known everywhere, so that it is what they remember that a revocation has to overtake.
  for (const at of instances) await calls.introspect(at, first.access);
  const last = await refreshSometimes(life, first);
  if (!(await next()) || !random.chance(0.8)) return;
  if (random.chance(0.1)) await replay(life, first, last);
  await revoke(life, last, first);
  if (random.chance(0.2)) await calls.refresh(random.oneOf(instances), last);
  const former = life.revoked.at(-1 - random.below(Math.max(1, life.revoked.length)));
  if (former !== undefined) await calls.introspect(random.oneOf(instances), former);
}

async function refreshSometimes(life: Life, first: Tokens): Promise<Tokens> {
  const { random, next } = life;
  let last = first;
  for (let left = random.below(GREATEST_REFRESHES + 1); left > 0 && (await next()); left -= 1) {
    const successor = await refreshOnce(life, last);
    if (successor === undefined) return last;
    last = successor;
  }
  return last;
}

/** Now and then twice at once: both must get the same. What was left unknown is asked for again. */
async function refreshOnce({ calls, random, instances, next }: Life, tokens: Tokens): Promise<Tokens | undefined> {
  const atOnce = random.chance(0.25) ? 2 : 1;
  for (let tries = 3; tries > 0; tries -= 1) {
    const places = Array.from({ length: atOnce }, () => random.oneOf(instances));
    const results = await Promise.all(places.map((at) => calls.refresh(at, tokens)));
    const done = results.every(({ outcome }) => outcome !== "unknown");
    // Its use would make an earlier try, if that is still on its way, a reuse.
    if (done) return results.find(({ value }) => value !== undefined)?.value;
    if (!(await next())) return undefined;
  }
  return undefined;
}

/** A thief's: where the successor of the first has been used, it must not be good any more, and nothing of its family either. */
async function replay({ calls, random, instances }: Life, first: Tokens, last: Tokens): Promise<void> {
  if (last === first) return;
  await calls.refresh(random.oneOf(instances), first);
  await Promise.all(instances.map((at) => calls.introspect(at, last.access)));
}

/** By any name, anywhere; then everybody is asked at once, and with the revision. Some of what was left unknown is left so. */
async function revoke({ calls, random, instances, revoked, next }: Life, last: Tokens, first: Tokens): Promise<void> {
  const target = random.oneOf<Target>([
    { by: "token", token: last.access },
    { by: "token", token: last.refresh },
    { by: "sid", sid: first.sid },
    { by: "subject", subject: first.subject },
  ]);
  for (let tries = random.chance(0.7) ? 5 : 1; tries > 0; tries -= 1) {
    const at = random.oneOf(instances);
    const { outcome, value: revision } = await calls.revoke(at, target);
    if (revision !== undefined) {
      revoked.push(last.access);
      if (revoked.length > REMEMBERED) revoked.shift();
      await calls.introspect(at, last.access);
      await Promise.all(instances.map((other) => calls.introspect(other, last.access, revision)));
      return;
    }
    if (outcome !== "unknown" || !(await next())) return;
  }
}

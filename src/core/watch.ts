import { type Caller, requirePermission } from "./caller.ts";
import type { Authority } from "./environment.ts";
import { AssayError } from "./error.ts";
import type { HeldRevocation, LoggedRevocation } from "./revocation-log.ts";
import { readRevocation, type RevocationMeaning } from "./read-revocation.ts";
import { openWatchNews, type WatchNews } from "./watch-news.ts";

export type WatchRequest = {
  /** The last revision that the watcher has heard of. */
  after?: string;
  /** Whom revocations name and why is left out. */
  digestsOnly: boolean;
};

/** A revocation as a watcher is told it. */
export type ToldRevocation = HeldRevocation & Pick<LoggedRevocation, "appendedAt"> & Partial<RevocationMeaning>;

export type WatchStep = {
  /** In the order of the log; at most 500. What was told may be told again. */
  revocations: readonly ToldRevocation[];
  /** The position in the log after these. Absent while the live revocations are being told. */
  revision?: string;
  /** Milliseconds of the store's time: all that was revoked by then has been told. */
  provedAtMs?: number;
  /** The first step of the live revocations. */
  isFromBeginning: boolean;
};

/** Resolves when there is room for the next step. */
export type Tell = (step: WatchStep) => Promise<void>;

type Watch = { environment: Authority; digestsOnly: boolean; news: WatchNews; tell: Tell };

const GREATEST_STEP = 500;
/** Proofs are told about as often as stores give them, and no oftener when they are asked for many more. */
const BETWEEN_PROOFS_MS = 200;

/**
 * Tells the live revocations, or what the log says after `after` where that is known still, then each as it comes, with proofs of
 * freshness. While the store cannot be reached nothing is told; when it has gone back, everything is told anew. Nothing is kept for
 * a watcher but its place in the log that all share: who reads more slowly than that goes on is dropped.
 * @throws AssayError `permission_missing`, `watcher_too_slow`, `store_unavailable`, `call_gone`: it never ends by itself
 */
export async function watchRevocations(
  environment: Authority,
  caller: Caller,
  { after, digestsOnly }: WatchRequest,
  tell: Tell,
): Promise<never> {
  requirePermission(caller, "watch");
  const { revocations, call } = environment;
  const news = openWatchNews(revocations, call);
  const watch = { environment, digestsOnly, news, tell };
  try {
    if (after !== undefined && isKnown(watch, after))
      await tellLogged(watch, { revision: after, doubts: news.doubts(), isFromBeginning: false });
    for (;;) {
      const place = await tellHeld(watch);
      if (place !== undefined) await tellLogged(watch, place);
    }
  } finally {
    news.close();
  }
}

/** From where the log goes on; the first step may still have to be told. `doubts`: how many there had been by then. */
type Place = { revision: string; doubts: number; isFromBeginning: boolean };

/**
 * All that is held, in no order.
 * @returns undefined when the store has gone back meanwhile
 */
async function tellHeld(watch: Watch): Promise<Place | undefined> {
  const { revocations } = watch.environment;
  while (revocations.staleForMs() === Infinity) await watch.news.next();
  const doubts = watch.news.doubts();
  const revision = revocations.revision();
  let isFromBeginning = true;
  for (const part of inParts(revocations.held())) {
    const sealed = watch.digestsOnly ? [] : await revocations.readSealed(part.map(({ digest }) => digest));
    await tellStep(watch, revision, { revocations: part.map(meaningIn(watch, sealed)), isFromBeginning });
    isFromBeginning = false;
    await nextTurn();
    if (watch.news.doubts() !== doubts) return undefined;
  }
  return { revision, doubts, isFromBeginning };
}

/** What the log says after a place in it. Resolves when the store has gone back. */
async function tellLogged(watch: Watch, { doubts, ...place }: Place): Promise<void> {
  const { revocations, store } = watch.environment;
  let { revision, isFromBeginning } = place;
  let provedAt = -Infinity;
  let toldAt = -Infinity;
  while (watch.news.doubts() === doubts) {
    const entries = revocations.since(revision, GREATEST_STEP);
    if (entries === undefined) throw tooSlow();
    const staleForMs = revocations.staleForMs();
    const now = performance.now();
    // Unless all has been told, the proof says too much.
    const isProof = entries.length < GREATEST_STEP && now - staleForMs > provedAt + 1;
    if (entries.length === 0 && !(isProof && now - toldAt >= BETWEEN_PROOFS_MS)) {
      await watch.news.next();
      continue;
    }
    const proof = isProof ? { provedAtMs: Math.floor(store.clock.now() - staleForMs) } : {};
    if (isProof) [provedAt, toldAt] = [now - staleForMs, now];
    revision = entries.at(-1)?.revision ?? revision;
    const sealed = entries.map((entry) => entry.sealed);
    await tellStep(watch, revision, {
      revocations: entries.map(meaningIn(watch, sealed)),
      revision,
      isFromBeginning,
      ...proof,
    });
    isFromBeginning = false;
  }
}

/** @param place which must stay known while the watcher takes its time */
function tellStep({ environment, news, tell }: Watch, place: string, step: WatchStep): Promise<void> {
  const doubts = news.doubts();
  return news.during(tell(step), () => {
    const isKnownStill = environment.revocations.since(place, 0) !== undefined;
    if (!isKnownStill && news.doubts() === doubts) throw tooSlow();
  });
}

function isKnown({ environment }: Watch, revision: string): boolean {
  return environment.revocations.since(revision, 0) !== undefined;
}

function meaningIn({ digestsOnly, environment }: Watch, sealed: ReadonlyArray<Buffer | undefined>) {
  return (revocation: HeldRevocation | LoggedRevocation, index: number): ToldRevocation => {
    const part = digestsOnly ? undefined : sealed[index];
    if (part === undefined) return revocation;
    return { ...revocation, ...readRevocation(environment.keys.sealing, revocation.digest, part) };
  };
}

function* inParts<T>(all: Iterable<T>): Generator<T[]> {
  let part: T[] = [];
  for (const one of all) {
    part.push(one);
    if (part.length < GREATEST_STEP) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function tooSlow(): AssayError {
  return new AssayError(
    "watcher_too_slow",
    "the watcher reads more slowly than revocations come: begin again after the last revision that was received",
  );
}

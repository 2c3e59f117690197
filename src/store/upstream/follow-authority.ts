import type { Following, LoggedRevocation, RevocationFollower } from "../../core/revocation-log.ts";
import { AuthorityServiceService } from "../../gen/assay/v1/authority_service.ts";
import { isAtOrBeyond, parseRevision } from "../revision.ts";
import type { ServerClock } from "../server-clock.ts";
import type { Authorities } from "./authorities.ts";
import type { AuthorityChannel } from "./authority-channel.ts";
import type { ToldRevocation, ToldStep } from "./told-step.ts";
import { asUnavailable, storeUnavailable } from "./upstream-error.ts";
import { waiters } from "./waiters.ts";
import { watchStream } from "./watch-stream.ts";

export type FollowOptions = {
  authorities: Authorities;
  clock: ServerClock;
  /** How old a proof may be that somebody waits for. */
  maxStalenessMs: number;
  /** How long a proof may take that somebody waits for. */
  timeoutMs: number;
};

const DIGEST_BYTES = 16;
const NO_BYTES = Buffer.alloc(0);
/** After which another authority is asked, or this one anew: a fraction of the usual staleness bound, and three proofs. */
const GREATEST_SILENCE_MS = 750;
/** The store's time is told in whole milliseconds, twice. */
const ROUNDING_MS = 2;

/**
 * Follows the revocations as an authority tells them, at one authority after another, each from where the last left off. What a proof
 * dates from is told by the store's time, which is taken for as late as this verifier's knowledge of that time allows.
 */
export function followAuthority(options: FollowOptions, follower: RevocationFollower): Following {
  const { authorities, clock, maxStalenessMs, timeoutMs } = options;
  const changes = waiters();
  /** Up to where everything has been told; undefined while the live revocations are being told. */
  let told: string | undefined;
  /** What the stream has told last: the live revocations, or the log. */
  let heard: "nothing" | "held" | "logged" = "nothing";
  /** How often what is told began anew: in another log the same place may be another entry's. */
  let begun = 0;
  let provedAt = -Infinity;
  let proving: Promise<void> | undefined;

  function doubt(): void {
    provedAt = -Infinity;
    follower.doubted();
  }

  /** @param provedAtMs store time @returns whether it counts */
  function takeProof(revision: string, provedAtMs: number): boolean {
    if (clock.disagreement() !== undefined) {
      doubt();
      return false;
    }
    const now = performance.now();
    const askedAt = now - (clock.now() - provedAtMs) - clock.uncertainty() - ROUNDING_MS;
    // What was asked later than now was dated by another time than ours, and without a time there is no date.
    if (!(askedAt <= now && askedAt > -Infinity)) return false;
    provedAt = Math.max(provedAt, askedAt);
    follower.proved(revision, askedAt);
    return now - askedAt <= maxStalenessMs;
  }

  function takeStep({ revocations, revision, provedAtMs, isFromBeginning }: ToldStep): void {
    if (revision !== undefined) parseRevision(revision);
    if (isFromBeginning) beginAnew();
    else requireOrder(revision);
    takeRevocations(revocations, revision, follower);
    heard = revision === undefined ? "held" : "logged";
    if (revision !== undefined) told = revision;
    if (revision !== undefined && provedAtMs !== undefined) takeProof(revision, provedAtMs);
    changes.wake();
  }

  function beginAnew(): void {
    // Another log, or one that does not reach back to where this verifier was: entries may be missing.
    if (told !== undefined) doubt();
    told = undefined;
    begun += 1;
  }

  /** Of a step that goes on from the last, or from where the last stream left off. */
  function requireOrder(revision: string | undefined): void {
    if (told === undefined && heard === "nothing") throw new Error("it told the log without its beginning");
    if (told !== undefined && (revision === undefined || !isAtOrBeyond(revision, told)))
      throw new Error("it told the log out of its order");
  }

  async function serve(channel: AuthorityChannel, stopped: AbortSignal, useful: () => void): Promise<void> {
    // Its proofs are dated by its own time.
    clock.restart();
    await clock.measure();
    const before = provedAt;
    const take = (step: ToldStep): void => {
      takeStep(step);
      if (provedAt > before) useful();
    };
    try {
      await watchStream(channel, { after: told, greatestSilenceMs: GREATEST_SILENCE_MS, stopped, take });
    } finally {
      heard = "nothing";
      begun += 1;
    }
  }

  /** Asks the store through the authority, and waits until all that it had is here. */
  async function catchUp(until: number, atLeastAsFresh: string): Promise<void> {
    do {
      await changes.until(() => heard === "logged", until);
    } while (!(await isCaughtUp(until, atLeastAsFresh)));
    changes.wake();
  }

  /** @returns false when the answer may be about another log than the one that was told: then the next one counts */
  async function isCaughtUp(until: number, atLeastAsFresh: string): Promise<boolean> {
    const [beginning, before] = [begun, told];
    const { revision, proved_at_ms: provedAtMs } = await authorities.ask(
      AuthorityServiceService.sync,
      { at_least_as_fresh: atLeastAsFresh },
      { isRepeatable: true, until },
    );
    requireRevision(revision);
    // Behind what had been told already: the log has gone back and is told anew next, or the store had been asked a moment before.
    if (before === undefined || !isAtOrBeyond(revision, before)) return false;
    const isAnother = (): boolean => begun !== beginning;
    const isTold = (): boolean => told !== undefined && isAtOrBeyond(told, revision);
    await changes.until(() => isAnother() || isTold(), until);
    if (isAnother()) return false;
    if (takeProof(told ?? revision, provedAtMs)) return true;
    throw storeUnavailable("the proof that came is too old, or the clocks disagree");
  }

  async function proveAnew(): Promise<void> {
    const asked = performance.now();
    const until = asked + timeoutMs;
    try {
      // The stream may be quicker.
      await Promise.race([changes.until(() => provedAt >= asked, until), catchUp(until, "")]);
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  authorities.start(serve);
  return {
    prove: () => {
      proving ??= proveAnew().finally(() => {
        proving = undefined;
      });
      return proving;
    },
    proveAnew,
    async reach(revision) {
      parseRevision(revision);
      try {
        await catchUp(performance.now() + timeoutMs, revision);
      } catch (error) {
        throw asUnavailable(error);
      }
    },
    stop: () => authorities.stop(),
  };
}

/** What is none is no fault of who asked. */
function requireRevision(revision: string): void {
  try {
    parseRevision(revision);
  } catch {
    throw storeUnavailable("an authority answered with what is no revision");
  }
}

/** Between the last revision and this one the log's own revisions are not told: only the last entry's place is known. */
function takeRevocations(
  revocations: readonly ToldRevocation[],
  revision: string | undefined,
  follower: RevocationFollower,
): void {
  if (revocations.some(({ digest }) => digest.length !== DIGEST_BYTES))
    throw new Error("it told a revocation without a digest");
  const held = revision === undefined ? revocations : revocations.slice(0, -1);
  const last = revision === undefined ? undefined : revocations.at(-1);
  if (held.length > 0) follower.takeHeld(held);
  if (held.length > 0 && revision !== undefined) follower.takeTimes?.(timesOf(held));
  if (last === undefined || revision === undefined) return;
  const logged: LoggedRevocation = { ...last, revision, sealed: NO_BYTES };
  follower.takeLogged([logged]);
}

function timesOf(revocations: readonly ToldRevocation[]): number[] {
  return revocations.flatMap(({ appendedAt }) => (appendedAt === undefined ? [] : [appendedAt]));
}

import { setTimeout as sleep } from "node:timers/promises";
import { backOff } from "../back-off.ts";
import type { Channel } from "../channel.ts";
import { AssayClientError } from "../client-error.ts";
import type { WatchRevocationsResponse } from "../gen/assay/v1/token_service.ts";
import { liveRevocations, type NamedBy } from "./live-revocations.ts";
import { provedMoment } from "./proved-moment.ts";
import { storeClock } from "./store-clock.ts";
import { sync, watchStream } from "./watch-stream.ts";

export type FollowOptions = {
  maxRevocations: number;
  /** The service may judge by other rules from now on. */
  changed: () => void;
};

/** The revocations as the service tells them. */
export type Followed = {
  /** How long ago it was proved, in the store, that none is missing. */
  staleForMs(): number;
  nameOneOf(marks: readonly NamedBy[]): boolean;
  /** Why they are not followed at the moment, as a sentence. */
  problem(): string | undefined;
  close(): void;
};

const MEASURE_EVERY_MS = 5_000;
/** Where only somebody's doing helps. */
const HOPELESS_PAUSE_MS = 30_000;

/**
 * Follows all live revocations, as an Assay that holds no store does: a proof is dated by the store's time, which is taken for as late
 * as what is known of it allows, so that neither a slow network nor a clock that is wrong makes it look younger.
 */
export function followRevocations(channel: Channel, { maxRevocations, changed }: FollowOptions): Followed {
  const closing = new AbortController();
  const live = liveRevocations(maxRevocations);
  const proved = provedMoment();
  const clock = storeClock(() => sync(channel));
  /** Up to where everything has been told. */
  let told: string | undefined;
  let isBegun = false;
  let problem: string | undefined = "no revocations have been told yet";

  function take(step: WatchRevocationsResponse): void {
    const { revocations, revision, proved_at_ms: provedAtMs, from_beginning: isFromBeginning } = step;
    if (isFromBeginning) {
      // It does not reach back to where this client was: some may be missing until all are told.
      proved.doubt();
      told = undefined;
      isBegun = true;
    }
    if (told === undefined && !isBegun) throw new Error("the service told revocations without their beginning");
    for (const revocation of revocations) live.put(revocation);
    if (revision === undefined) return;
    told = revision;
    if (provedAtMs === undefined) return;
    const at = clock.dated(provedAtMs);
    if (at === undefined) return;
    proved.prove(at);
    problem = undefined;
    live.sweep(provedAtMs);
  }

  async function serve(): Promise<void> {
    isBegun = false;
    clock.restart();
    await clock.measure();
    const clockFailed = new AbortController();
    const measuring = setInterval(() => {
      // Without an answer the doubt grows by itself; a clock that was set must be looked at anew.
      clock.measure().catch((error: unknown) => {
        if (!(error instanceof AssayClientError)) clockFailed.abort();
      });
    }, MEASURE_EVERY_MS);
    try {
      const closed = AbortSignal.any([closing.signal, clockFailed.signal]);
      await watchStream(channel, { after: told ?? "", closed, take });
    } finally {
      clearInterval(measuring);
    }
    if (clockFailed.signal.aborted) proved.doubt();
    else changed();
  }

  function failed(error: unknown): void {
    problem = error instanceof Error ? error.message : "the revocations cannot be followed";
    // What was told is told anew, from the beginning.
    if (error instanceof AssayClientError) return;
    proved.doubt();
    live.clear();
    told = undefined;
  }

  async function follow(): Promise<void> {
    let failures = 0;
    while (!closing.signal.aborted) {
      let pause = 0;
      try {
        await serve();
        failures = 0;
      } catch (error) {
        failures = proved.staleForMs() < MEASURE_EVERY_MS ? 1 : failures + 1;
        failed(error);
        pause = isHopeless(error) ? HOPELESS_PAUSE_MS : 0;
      }
      const options = { signal: closing.signal, ref: false };
      await sleep(Math.max(pause, backOff(failures + 1)), undefined, options).catch(() => undefined);
    }
  }

  void follow();
  return {
    staleForMs: () => proved.staleForMs(),
    nameOneOf: (marks) => live.nameOneOf(marks),
    problem: () => problem,
    close: () => closing.abort(),
  };
}

function isHopeless(error: unknown): boolean {
  return error instanceof AssayClientError ? !error.retryable : error instanceof RangeError;
}

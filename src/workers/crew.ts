/** The first process of several: it starts the workers, replaces those that end, and passes on what is asked of all. It serves nothing itself. */
import cluster from "node:cluster";
import { setTimeout as delay } from "node:timers/promises";
import { StartError } from "../core/start-error.ts";
import type { Member, MemberEnd } from "./member.ts";
import { known, openRoster, type Roster, type RosterOptions, type Serving } from "./roster.ts";

export type CrewOptions = RosterOptions & {
  workers: number;
  /** How long calls may take to finish at a stop, in milliseconds. */
  graceMs: number;
};

export type Crew = Serving & {
  /** Each takes over what has changed. */
  reload(): void;
  /** What each that serves has counted and measured, where it says so in time. */
  metrics: Roster["metrics"];
  /** What all that serve have told of misuse. */
  signals: Roster["signals"];
  /** Resolves when all have ended. May be called again, to hurry up. */
  stop(options?: { hurry?: boolean }): Promise<void>;
  /** Rejects with a StartError when no worker serves any more and none can be started; none is left then. */
  lost: Promise<never>;
};

/** What a stop may take besides the grace, in milliseconds, before workers are killed. */
const STOP_MS = 10_000;
/** A worker that has served so long, in milliseconds, did not end because of its start. */
const STEADY_MS = 60_000;
const FIRST_PAUSE_MS = 250;
const GREATEST_PAUSE_MS = 10_000;
/** Starts that failed in a row, with nobody serving, before it is given up. */
const VAIN_STARTS = 5;

/**
 * Starts a worker, then the others, and resolves when all serve.
 * @throws StartError with what a worker said that could not start; none is left then
 */
export async function openCrew(options: CrewOptions): Promise<Crew> {
  // Whatever the environment says: connections are spread evenly only where the first process spreads them.
  cluster.schedulingPolicy = cluster.SCHED_RR;
  cluster.setupPrimary({ serialization: "advanced" });
  const roster = openRoster(options);
  const stopping = new AbortController();
  const stop: Crew["stop"] = async ({ hurry = false } = {}) => {
    stopping.abort();
    roster.tellAll({ kind: "stop", hurry });
    const limit = setTimeout(() => roster.killAll(), hurry ? STOP_MS : options.graceMs + STOP_MS);
    await roster.emptied();
    clearTimeout(limit);
  };
  const places = placesOf(roster, stopping.signal, stop, options.log);

  // It may be the one that makes the store and the keys.
  const first = await places.fill(1);
  const others = Array.from({ length: options.workers - 1 }, (_, index) => places.fill(index + 2));
  const all = [first, ...(await Promise.all(others))];
  places.areFilled();
  return {
    address: first.address,
    problem: all.find(({ problem }) => problem !== undefined)?.problem,
    reload: () => roster.tellAll({ kind: "reload" }),
    metrics: roster.metrics,
    signals: roster.signals,
    stop,
    lost: places.lost,
  };
}

type Places = {
  /** Keeps a worker of this number, and resolves when one serves for the first time. @throws StartError */
  fill(number: number): Promise<Serving>;
  /** From now on, a worker that cannot start is tried again. */
  areFilled(): void;
  lost: Promise<never>;
};

function placesOf(roster: Roster, stopping: AbortSignal, stop: Crew["stop"], log: CrewOptions["log"]): Places {
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => undefined);
  let isOpen = false;
  let vainStarts = 0;

  async function keepFilled(number: number, served: (facts: Serving) => void): Promise<void> {
    let pauseMs = 0;
    for (;;) {
      const member = roster.add(number, served);
      const { servedMs, ...end } = await roster.gone(member);
      if (stopping.aborted) return;
      vainStarts = servedMs === undefined && roster.serving() === 0 ? vainStarts + 1 : 0;
      if (servedMs === undefined && (!isOpen || vainStarts >= VAIN_STARTS)) throw refusal(member, end);
      if (servedMs !== undefined && servedMs >= STEADY_MS) pauseMs = 0;
      log.error({ ...known(member), ...end, pause_ms: pauseMs }, "a worker ended: another takes its place");
      await delay(pauseMs, undefined, { signal: stopping }).catch(() => undefined);
      if (stopping.aborted) return;
      pauseMs = Math.min(Math.max(FIRST_PAUSE_MS, pauseMs * 2), GREATEST_PAUSE_MS);
    }
  }

  return {
    fill(number) {
      const { promise, resolve, reject } = Promise.withResolvers<Serving>();
      keepFilled(number, resolve).catch(async (error: unknown) => {
        await stop({ hurry: true });
        reject(error);
        lost.reject(error);
      });
      return promise;
    },
    areFilled: () => {
      isOpen = true;
    },
    lost: lost.promise,
  };
}

function refusal({ number }: Member, { code, signal, sentence }: MemberEnd): StartError {
  const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
  return new StartError(sentence ?? `Worker ${number} ended ${how} before it served: its own last words are above.`);
}

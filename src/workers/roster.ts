import { exchangeSignals, type SignalsOfAll } from "./exchange-signals.ts";
import { type Gathered, gatherMetrics } from "./gather-metrics.ts";
import { keepAlive } from "./keep-alive.ts";
import { launch, type LaunchOptions, type Member, type MemberEnd } from "./member.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { reachEveryone } from "./reach-everyone.ts";

export type Serving = Pick<Extract<FromWorker, { kind: "serving" }>, "address" | "problem">;

export type RosterOptions = {
  begin: LaunchOptions["begin"];
  log: Readonly<Record<"error", (fields: object, message: string) => void>>;
};

/** The workers that there are, and what they say to each other. */
export type Roster = {
  /** Starts a worker. `served` is called when it serves, if ever. */
  add(number: number, served: (facts: Serving) => void): Member;
  /** Resolves when it has ended, to how that was and how long it had served, in milliseconds; undefined when it never did. */
  gone(member: Member): Promise<MemberEnd & { servedMs: number | undefined }>;
  serving(): number;
  /** Of those that serve. */
  metrics: () => Promise<Gathered<Member>>;
  /** Those that they have told. */
  signals: SignalsOfAll<Member>["feed"];
  tellAll(message: ToWorker): void;
  /** At once, for whoever is left. */
  killAll(): void;
  /** Resolves when nobody is left. */
  emptied(): Promise<void>;
};

/** How long a worker may take to tell its metrics, in milliseconds. */
const METRICS_MS = 1_000;

export function openRoster({ begin, log }: RosterOptions): Roster {
  const members = new Set<Member>();
  const serving = new Map<Member, number>();
  const reaching = reachEveryone<Member>(begin.reachMs);
  const metrics = gatherMetrics<Member>(METRICS_MS);
  const signals = exchangeSignals<Member>((member, lost) =>
    log.error({ ...known(member), lost }, "signals were not told to a worker: it is too slow"),
  );
  const alive = keepAlive((member) => log.error(known(member), "a worker does not answer: it is killed"));
  let { taken } = begin;

  function heard(member: Member, message: FromWorker): void {
    switch (message.kind) {
      case "join":
        reaching.join(member);
        alive.watch(member);
        return member.send({ kind: "joined" });
      case "leave":
        return reaching.leave(member);
      case "reach":
        return reaching.ask(member, message);
      case "reached":
        return reaching.reached(member, message);
      case "pong":
        return alive.heard(member);
      case "metrics":
        return metrics.told(member, message);
      case "follow-signals":
        return signals.follow(member);
      case "signals":
        return signals.told(member, message);
      case "gather":
        return void gather(member, message.id);
      case "took-over":
        taken = message.taken;
        return;
      case "serving":
        serving.set(member, performance.now());
        return;
      case "failed":
      // Its end says so.
    }
  }

  async function gather(member: Member, id: number): Promise<void> {
    const { told, silent } = await metrics.ask(serving.keys());
    const answers = [...told].map(([{ number: worker }, families]) => ({ worker, metrics: families }));
    const silences = [...silent].map(({ number: worker }) => ({ worker }));
    member.send({ kind: "gathered", id, told: [...answers, ...silences].toSorted((a, b) => a.worker - b.worker) });
  }

  return {
    add(number, served) {
      const member = launch({
        number,
        begin: { ...begin, taken },
        heard(from, message) {
          heard(from, message);
          if (message.kind === "serving") served(message);
        },
        misheard: (from) => log.error(known(from), "a worker sent a message of no known kind"),
      });
      members.add(member);
      return member;
    },
    async gone(member) {
      const end = await member.ended;
      const since = serving.get(member);
      members.delete(member);
      serving.delete(member);
      alive.forget(member);
      reaching.leave(member);
      metrics.gone(member);
      signals.gone(member);
      return { ...end, servedMs: since === undefined ? undefined : performance.now() - since };
    },
    serving: () => serving.size,
    metrics: () => metrics.ask(serving.keys()),
    signals: signals.feed,
    tellAll: (message) => members.forEach((member) => member.send(message)),
    killAll() {
      for (const member of members) {
        log.error(known(member), "a worker did not stop in time: it is killed");
        member.kill();
      }
    },
    async emptied() {
      await Promise.all([...members].map(({ ended }) => ended));
      alive.stop();
    },
  };
}

/** As a log line names it. */
export function known({ number, pid }: Member): object {
  return { worker: number, worker_pid: pid };
}

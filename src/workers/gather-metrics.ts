import type { FromWorker } from "./messages.ts";
import type { Peer } from "./reach-everyone.ts";
import type { ToldMetrics } from "./told-metrics.ts";

/** What each has told, and who has not in time. */
export type Gathered<Member> = { told: ReadonlyMap<Member, ToldMetrics>; silent: ReadonlySet<Member> };

export type GatherMetrics<Member extends Peer> = {
  /** Asks them all, and resolves when each has told, has ended, or time is up. */
  ask(members: Iterable<Member>): Promise<Gathered<Member>>;
  told(member: Member, answer: Extract<FromWorker, { kind: "metrics" }>): void;
  /** It has ended: nothing is to be waited for. */
  gone(member: Member): void;
};

type Asked<Member> = { waitingFor: Set<Member>; told: Map<Member, ToldMetrics>; finish: () => void };

export function gatherMetrics<Member extends Peer>(limitMs: number): GatherMetrics<Member> {
  const asked = new Map<number, Asked<Member>>();
  let asking = 0;

  function noLongerWaitsFor(member: Member, { waitingFor, finish }: Asked<Member>): void {
    if (waitingFor.delete(member) && waitingFor.size === 0) finish();
  }

  return {
    async ask(members) {
      const waitingFor = new Set(members);
      const told = new Map<Member, ToldMetrics>();
      if (waitingFor.size === 0) return { told, silent: waitingFor };
      const id = asking++;
      const { promise, resolve } = Promise.withResolvers<void>();
      const limit = setTimeout(resolve, limitMs);
      asked.set(id, { waitingFor, told, finish: resolve });
      for (const member of waitingFor) member.send({ kind: "metrics", id });
      await promise;
      clearTimeout(limit);
      asked.delete(id);
      return { told, silent: waitingFor };
    },
    told(member, { id, metrics }) {
      const question = asked.get(id);
      if (question?.waitingFor.has(member) !== true) return;
      question.told.set(member, metrics);
      noLongerWaitsFor(member, question);
    },
    gone(member) {
      for (const question of asked.values()) noLongerWaitsFor(member, question);
    },
  };
}

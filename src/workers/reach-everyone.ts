import type { FromWorker, ToWorker } from "./messages.ts";

/** Whom messages can be sent to. */
export type Peer = { send(message: ToWorker): void };

export type ReachEveryone<Member extends Peer> = {
  /** Takes calls from now on, or is about to: it has to reach what others write. */
  join(member: Member): void;
  /** Takes no calls any more, as it says or since it is dead. */
  leave(member: Member): void;
  /** One has written: the others are asked, and it is told once they have all reached the revision, or left. */
  ask(member: Member, question: Extract<FromWorker, { kind: "reach" }>): void;
  reached(member: Member, answer: Extract<FromWorker, { kind: "reached" }>): void;
};

type Asked<Member> = { waitingFor: Set<Member>; tell: () => void };

/** Who asks has given up after `reachMs`: then nothing is told any more. */
export function reachEveryone<Member extends Peer>(reachMs: number): ReachEveryone<Member> {
  const members = new Set<Member>();
  const asked = new Map<number, Asked<Member>>();
  let asking = 0;

  function noLongerWaitsFor(member: Member, id: number): void {
    const { waitingFor, tell } = asked.get(id) ?? {};
    if (waitingFor?.delete(member) !== true || waitingFor.size > 0) return;
    asked.delete(id);
    tell?.();
  }

  return {
    join: (member) => void members.add(member),
    leave(member) {
      members.delete(member);
      for (const id of asked.keys()) noLongerWaitsFor(member, id);
    },
    ask(member, question) {
      const tell = (): void => member.send({ kind: "reached", id: question.id });
      const waitingFor = new Set(members);
      waitingFor.delete(member);
      if (waitingFor.size === 0) return tell();
      const id = asking++;
      asked.set(id, { waitingFor, tell });
      setTimeout(() => asked.delete(id), reachMs).unref();
      for (const other of waitingFor) other.send({ kind: "reach", id, revision: question.revision });
    },
    reached: (member, { id }) => noLongerWaitsFor(member, id),
  };
}

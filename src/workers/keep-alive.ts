import type { Member } from "./member.ts";

export type KeepAlive = {
  watch(member: Member): void;
  /** It has answered. */
  heard(member: Member): void;
  forget(member: Member): void;
  stop(): void;
};

const INTERVAL_MS = 1_000;
/** Turns rather than time: where the machine has slept, or everything was stopped at once, nobody is to blame. */
const UNANSWERED = 10;

/**
 * Kills a worker that does not answer for about ten seconds, so that it is replaced: nothing can be revoked while it is silent, and no
 * health check would ever reach it.
 */
export function keepAlive(silent: (member: Member) => void): KeepAlive {
  const unanswered = new Map<Member, number>();
  const timer = setInterval(() => {
    for (const [member, turns] of unanswered) {
      if (turns >= UNANSWERED) {
        unanswered.delete(member);
        silent(member);
        member.kill();
        continue;
      }
      unanswered.set(member, turns + 1);
      member.send({ kind: "ping" });
    }
  }, INTERVAL_MS).unref();
  return {
    watch: (member) => void unanswered.set(member, 0),
    heard: (member) => void (unanswered.has(member) && unanswered.set(member, 0)),
    forget: (member) => void unanswered.delete(member),
    stop: () => clearInterval(timer),
  };
}

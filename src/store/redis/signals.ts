import type { SignalStore } from "../../core/ports.ts";
import { followSignals } from "./follow-signals.ts";
import { SIGNALS } from "./keys.ts";
import { answered } from "./redis-error.ts";
import type { RevocationsOf } from "./revocations.ts";
import { SIGNAL_FIELD } from "./signal-entries.ts";

/** About so many stay for who starts late. They take half a megabyte. */
const KEPT = 1_000;

/**
 * Signals in a capped stream that all instances read. It holds what signals hold: names, words of ours and fingerprints. No replica is
 * waited for: what a failover loses is the last instant of them.
 */
export function redisSignals(of: RevocationsOf): SignalStore & { stop(): Promise<void> } {
  const { connections, gate } = of;
  let following: ReturnType<typeof followSignals> | undefined;
  return {
    async publish(signals) {
      gate.pass();
      // One packet and one fsync, as a rule.
      const added = signals.map((signal) =>
        connections.commands.xadd(SIGNALS, "MAXLEN", "~", KEPT, "*", SIGNAL_FIELD, JSON.stringify(signal)),
      );
      await answered(Promise.all(added));
    },
    follow(follower) {
      following = followSignals(of, follower);
      return following;
    },
    stop: async () => following?.stop(),
  };
}

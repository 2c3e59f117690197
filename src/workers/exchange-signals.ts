import { sendInBatches, type Sending } from "../core/send-in-batches.ts";
import { type SignalFeed, signalFeed } from "../core/signals/signal-feed.ts";
import type { Signal } from "../core/signals/signal.ts";
import { type FromWorker, MOST_SIGNALS, type ToWorker } from "./messages.ts";

/** Whom messages can be sent to, one after another. */
type Listener = {
  send(message: ToWorker): void;
  /** Resolves when the channel has taken it, or has closed. */
  sendInTurn(message: ToWorker): Promise<void>;
};

export type SignalsOfAll<Member> = {
  /** Those of all workers, for whoever watches the first process. */
  feed: Pick<SignalFeed, "recent" | "follow">;
  /** It is told what there was, and what comes from now on. */
  follow(member: Member): void;
  /** One has found some, or has heard of some that the others hear of by themselves. */
  told(member: Member, message: Extract<FromWorker, { kind: "signals" }>): void;
  gone(member: Member): void;
};

/** Passes on what one worker has found to all others. What waits for one that is slow is bounded. @param lost of what waited */
export function exchangeSignals<Member extends Listener>(
  lost: (member: Member, count: number) => void,
): SignalsOfAll<Member> {
  const feed = signalFeed();
  const followers = new Map<Member, Sending<Signal>>();
  return {
    feed,
    follow(member) {
      const past = feed.recent();
      for (let at = 0; at < past.length; at += MOST_SIGNALS)
        member.send({ kind: "signals", signals: past.slice(at, at + MOST_SIGNALS), arePast: true });
      const sending = sendInBatches<Signal>({
        send: async (signals) => {
          await member.sendInTurn({ kind: "signals", signals: [...signals], arePast: false });
          return 0;
        },
        lost: (count) => lost(member, count),
        pauseMs: 0,
      });
      followers.set(member, sending);
    },
    told(member, { signals, areHeard }) {
      for (const signal of signals) {
        feed.tell(signal);
        if (areHeard) continue;
        for (const [other, sending] of followers) if (other !== member) sending.put(signal);
      }
    },
    gone: (member) => void followers.delete(member),
  };
}

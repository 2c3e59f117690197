/** Several processes that serve as one instance: what one of them has revoked, all of them know before it answers. */
import { setTimeout as delay } from "node:timers/promises";
import type { Revocations, RevocationView } from "../core/revocations/revocations.ts";
import type { SignalFollower } from "../core/signals/signal-follower.ts";
import type { Signal } from "../core/signals/signal.ts";

/** The other processes of the instance. */
export type Siblings = {
  /** From when it resolves, this process is asked to reach what the others write, before they answer. */
  join(reachHere: (revision: string) => Promise<void>): Promise<void>;
  /** This process takes no calls any more. */
  leave(): void;
  /**
   * Resolves when all that take calls have reached the revision.
   * @throws AssayError `store_unavailable` (outcome unknown)
   */
  reach(revision: string): Promise<void>;
  /** From now on, the signals that the others find, after those that there were. */
  followSignals(follower: Pick<SignalFollower, "past" | "next">): void;
  /** @param areHeard from where the others hear of them, too: they are for the first process alone */
  tellSignals(signals: readonly Signal[], areHeard: boolean): Promise<void>;
};

/** What is appended is applied everywhere when it resolves. */
export function knownEverywhere(revocations: Revocations, siblings: Pick<Siblings, "reach">): Revocations {
  return {
    ...revocations,
    append: async (revocation) => {
      const acknowledgement = await revocations.append(revocation);
      await siblings.reach(acknowledgement.revision);
      return acknowledgement;
    },
  };
}

const RETRY_MS = 50;

/** Call it before the first call is taken: then none is judged without what the siblings wrote while this process was starting. */
export async function joinSiblings(
  siblings: Pick<Siblings, "join">,
  view: RevocationView,
  maxStalenessMs: number,
): Promise<void> {
  await siblings.join(async (revision) => view.settle(revision));
  for (;;) {
    try {
      await view.prove();
      return;
    } catch {
      // It waits no longer for a view that judges next to nothing: until the next proof, it judges nothing at all.
      if (view.staleForMs() > maxStalenessMs) return view.forgetProofs();
      await delay(RETRY_MS);
    }
  }
}

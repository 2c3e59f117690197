/** A call of the core's that goes when the test says so. */
import type { Call } from "../../src/core/call.ts";

export type LeavingCall = Call & {
  leave(): void;
  /** How much waits for it to go. */
  waiting(): number;
};

export function leavingCall(): LeavingCall {
  const waiting = new Set<() => void>();
  let isGone = false;
  return {
    isGone: () => isGone,
    onGone(leave) {
      waiting.add(leave);
      return () => void waiting.delete(leave);
    },
    leave() {
      isGone = true;
      for (const leave of waiting) leave();
      waiting.clear();
    },
    waiting: () => waiting.size,
  };
}

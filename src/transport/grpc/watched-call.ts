import type { EventEmitter } from "node:events";
import type { Call } from "../../core/call.ts";

export type Watched = { cancelled: boolean } & Pick<EventEmitter, "once" | "off" | "setMaxListeners">;

/** A call as the core sees it. grpc-js cancels it too when its deadline passes. */
export function watchedCall(call: Watched): Call {
  return {
    isGone: () => call.cancelled,
    onGone(leave) {
      // As many as wait for one call.
      call.setMaxListeners(0).once("cancelled", leave);
      return () => void call.off("cancelled", leave);
    },
  };
}

import type { ServerUnaryCall } from "@grpc/grpc-js";
import type { Call } from "../../core/call.ts";

export type Watched = Pick<ServerUnaryCall<unknown, unknown>, "cancelled" | "once" | "off" | "setMaxListeners">;

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

import type { Duration } from "../gen/google/protobuf/duration.ts";

/** As protobuf's JSON writes it. */
export function durationText(duration: Duration | undefined): string | undefined {
  return duration === undefined ? undefined : `${(duration.seconds + duration.nanos / 1e9).toFixed(3)}s`;
}

import type { Duration } from "../../gen/google/protobuf/duration.ts";

export function toDuration(milliseconds: number): Duration {
  const seconds = Math.floor(milliseconds / 1_000);
  return { seconds, nanos: Math.floor((milliseconds - seconds * 1_000) * 1_000_000) };
}

export function toMilliseconds({ seconds, nanos }: Duration): number {
  return seconds * 1_000 + nanos / 1_000_000;
}

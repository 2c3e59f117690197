import type { Check } from "../draft.ts";

const DURATIONS = [
  "connection_age",
  "connection_age_grace",
  "connection_idle",
  "keepalive_interval",
  "keepalive_timeout",
  "handshake_timeout",
] as const;

/** What a timer can hold is a little less than 25 days. */
const GREATEST_MS = 24 * 86_400_000;

/** A limit limits: none is nothing, and none is so long that it is no limit. */
export const checkLimits: Check = ({ limits }, report) => {
  for (const key of DURATIONS) {
    const value = limits[key];
    if (value === 0) report(["limits", key], "must be more than 0");
    if (value !== undefined && value > GREATEST_MS) report(["limits", key], "must be 24 days at most");
  }
};

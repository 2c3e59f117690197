import type { Path } from "../config-error.ts";
import type { Check } from "../draft.ts";

const SECOND = 1_000;
const MINUTE = 60_000;
const DAY = 86_400_000;

/** Keys are fetched neither all the time nor so rarely that one that was withdrawn stays in use for long. */
export const checkIssuerKeys: Check = (draft, report) => {
  for (const [index, { keys }] of draft.issuers.entries()) {
    if (keys === undefined) continue;
    const { cool_down: coolDown, max_age: maxAge, max_stale: maxStale, timeout } = keys;
    const at = (key: string): Path => ["issuers", index, "keys", key];
    if (coolDown < SECOND) report(at("cool_down"), "would let made-up kids flood the issuer: write at least 1s");
    if (maxAge < coolDown) report(at("max_age"), "is less than cool_down: raise it, or lower that");
    if (maxAge > DAY) report(at("max_age"), "keys that were withdrawn would be used for too long: write at most 1d");
    if (maxStale > DAY)
      report(at("max_stale"), "keys that were withdrawn would be used for too long: write at most 1d");
    if (timeout === 0 || timeout > MINUTE) report(at("timeout"), "write more than 0 and at most 1m");
  }
};

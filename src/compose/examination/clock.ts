import { fault, ok, type Said, warning } from "./finding.ts";

/** Beyond this an instance closes, in milliseconds. */
const GREATEST_OFFSET_MS = 1_000;
/** From this on it is near to that. */
const DOUBTFUL_OFFSET_MS = 300;

/** @param clock the store's time less this machine's, in milliseconds, and by how much that may be off */
export function clockSays({ aheadMs, doubtMs }: { aheadMs: number; doubtMs: number }): Said {
  const apart = Math.max(0, Math.abs(aheadMs) - doubtMs);
  const says = `The store's clock is ${(Math.abs(aheadMs) / 1_000).toFixed(3)} s ${aheadMs > 0 ? "ahead of" : "behind"} this machine's`;
  if (apart > GREATEST_OFFSET_MS) return fault(`${says}: instances stay closed. Set both by NTP.`);
  return apart > DOUBTFUL_OFFSET_MS ? warning(`${says}: at 1 s instances close. Set both by NTP.`) : ok(`${says}.`);
}

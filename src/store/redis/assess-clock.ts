import type { Unfit } from "./assess.ts";
import type { ServerClock } from "../server-clock.ts";

/** Asks the store for its time. @returns why it, or this machine's, cannot be trusted until they agree again */
export async function assessClock(clock: ServerClock, address: string): Promise<Unfit | undefined> {
  await clock.measure();
  const disagreement = clock.disagreement();
  if (disagreement === undefined) {
    return undefined;
  }
  return { unfit: clocksDisagree(disagreement, address), isPassing: true };
}

export function clocksDisagree(disagreement: string, address: string): string {
  return (
    `The store at ${address} stays closed until the clocks agree to a second: ${disagreement}. ` +
    "Let NTP keep both clocks; it opens again by itself."
  );
}

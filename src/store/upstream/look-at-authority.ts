import { AuthorityServiceService } from "../../gen/assay/v1/authority_service.ts";
import { type AuthorityAddress, type AuthoritySettings, formatAddress } from "./authority-settings.ts";
import { openChannel } from "./authority-channel.ts";
import { join, type Joined } from "./join.ts";
import { whyUseless } from "./upstream-error.ts";

export type LookOptions = AuthoritySettings & {
  issuer: string;
  timeoutMs: number;
  /** Another authority, of the deployment that this one should be of too. */
  before: Joined | undefined;
};

/** How an authority looks to a verifier. */
export type Look =
  | {
      joined: Joined;
      /** By how much this machine's clock is ahead of the store's at least, in milliseconds; negative where it is behind. */
      aheadMs: number;
      /** How long ago the store had proved that no revocation was missing. */
      provedForMs: number;
    }
  /** Why it is of no use, as a sentence. */
  | { why: string };

/** Joins, asks the store through it, and leaves. */
export async function lookAtAuthority(address: AuthorityAddress, options: LookOptions): Promise<Look> {
  const { timeoutMs } = options;
  try {
    const channel = await openChannel(address, options);
    try {
      const joined = await join(channel, options);
      const sent = Date.now();
      const { store_time_ms: storeTime, proved_at_ms: provedAt } = await channel.ask(
        AuthorityServiceService.sync,
        { at_least_as_fresh: "" },
        { timeoutMs },
      );
      return { joined, aheadMs: aheadMs(storeTime, sent, Date.now()), provedForMs: storeTime - provedAt };
    } finally {
      channel.close();
    }
  } catch (error) {
    return { why: whyUseless(formatAddress(address), error) };
  }
}

/** The store's time was told at some moment between the two. */
function aheadMs(told: number, sent: number, received: number): number {
  if (told < sent) return sent - told;
  return told > received ? received - told : 0;
}

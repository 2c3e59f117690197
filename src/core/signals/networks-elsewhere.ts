import { keyedDigest, type SharedKeys } from "../derived-keys.ts";
import type { NetworkStore } from "../ports.ts";
import type { ObservedToken } from "./observation.ts";

/** The first 64 bits of a token's SHA-256: the same at every instance. */
export type TokenBits = Pick<ObservedToken, "high" | "low">;

export type NetworksElsewhereOptions<Seen extends TokenBits> = {
  store: NetworkStore;
  keys: SharedKeys;
  /** The same at every instance, in milliseconds. */
  windowMs: number;
  /** How many questions may be under way. */
  atOnce: number;
  /** Hears of each answer; must not throw. `count`: from about how many networks the token came within the window, over all instances. */
  counted: (seen: Seen, count: number) => void;
};

export type NetworksElsewhere<Seen extends TokenBits> = {
  /**
   * To be told of what is new here: a token that came from a network. Asks the store in a later turn, and whoever calls it waits for
   * nothing. Never throws.
   * @param network the same at every instance; one that is a number and one that is its text are two
   */
  add(seen: Seen, network: number | string): void;
  /** How many were not counted so far: more was asked than may wait, or the store failed. */
  dropped(): number;
};

const MOST_WAITING = 1_024;

/** Counts, together with all other instances, from how many networks each token comes. */
export function networksElsewhere<Seen extends TokenBits>({
  store,
  keys,
  windowMs,
  atOnce,
  counted,
}: NetworksElsewhereOptions<Seen>): NetworksElsewhere<Seen> {
  /** Oldest first. */
  let waiting: { seen: Seen; network: number | string }[] = [];
  let [underWay, dropped] = [0, 0];
  let isDue = false;

  function askSoon(): void {
    if (isDue || underWay >= atOnce) return;
    isDue = true;
    // Whoever adds answers somebody first.
    setImmediate(askWaiting);
  }

  function askWaiting(): void {
    isDue = false;
    const next = waiting.slice(0, atOnce - underWay);
    waiting = waiting.slice(next.length);
    underWay += next.length;
    for (const { seen, network } of next) void ask(seen, network);
  }

  async function ask(seen: Seen, network: number | string): Promise<void> {
    const { high, low } = seen;
    try {
      // A verifier that has joined nobody yet has no keys.
      const tokenDigest = keyedDigest(keys.fingerprint, ["networks-token", high, low]);
      // Of each token by itself: the store does not tell which tokens came from one network either.
      const networkDigest = keyedDigest(keys.fingerprint, ["networks-network", high, low, network]);
      counted(seen, await store.count(tokenDigest, networkDigest, windowMs));
    } catch {
      dropped += 1;
    }
    underWay -= 1;
    if (waiting.length > 0) askSoon();
  }

  return {
    add(seen, network) {
      if (waiting.length >= MOST_WAITING) {
        dropped += 1;
        return;
      }
      waiting.push({ seen, network });
      askSoon();
    },
    dropped: () => dropped,
  };
}

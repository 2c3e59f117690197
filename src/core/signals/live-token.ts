/**
 * What is kept of a token that is in use: a line of the processor's cache. The words of an entry of a `RecentTable`, after the
 * table's own three; whatever is 0 is not known. Texts are known by seeded hashes, times are seconds.
 */
export const LIVE = {
  /** The network and the user agent that it is at home in. */
  homeNetwork: 3,
  homeAgent: 4,
  /** The address and the user agent that came last. */
  lastAddress: 5,
  lastAgent: 6,
  /** 64 networks that it may have been seen in, since when. */
  networksFrom: 7,
  networks: 8,
  moreNetworks: 9,
  firstSeen: 10,
  /** Uses before the present window, when that began, and uses within. */
  usesBefore: 11,
  windowFrom: 12,
  uses: 13,
} as const;

export const LIVE_WIDTH = 16;

import type { FetchOutcome } from "./key-fetch-error.ts";

/** Where the keys of foreign issuers tell how they are: for metrics. */
export type KeyObserver = {
  /** A fetch of an issuer's keys has ended. */
  fetched(issuer: string, outcome: FetchOutcome): void;
  /** `age` is milliseconds since the keys in use were asked for, undefined while there are none. */
  follow(issuer: string, age: () => number | undefined): void;
};

/** What a generator is to do, and what came of it. */
export type LoadKind = "unary" | "batch" | "stream";

export type Load = {
  origin: string;
  path: string;
  metadata: Readonly<Record<string, string>>;
  /** stream: each call goes on for the run, with one message for each item in flight. */
  kind: LoadKind;
  /** As `prepareMessages` wrote them. They are sent in rotation, each virtual user the next. */
  messages: string;
  /** Whether the answers are those that the messages want; an echo's are not looked at. */
  isChecked: boolean;
  connections: number;
  /** Virtual users on each connection: calls, or with `stream` messages, in flight. */
  users: number;
};

export type RunRequest = {
  milliseconds: number;
  /** Calls a second, evenly, whether answers come or not. Absent: each virtual user sends the next when it has its answer. */
  rate?: number;
  /** Not with `rate`: ends after so many. */
  calls?: number;
  /** Instead of the load's. */
  users?: number;
};

export type RunResult = {
  /** Items that were answered in time, rightly. */
  calls: number;
  seconds: number;
  /** Calls that were answered RESOURCE_EXHAUSTED. */
  shed: number;
  /**
   * Of the answered, in milliseconds: from the time when a call was to be sent, so that a server that stalls cannot hide how many
   * would have waited (coordinated omission).
   */
  latency: Readonly<Record<Percentile, number>>;
  /** The same from when it was sent. */
  accepted: Readonly<Record<Percentile, number>>;
};

export const PERCENTILES = { p50: 0.5, p90: 0.9, p99: 0.99, p999: 0.999 } as const;
export type Percentile = keyof typeof PERCENTILES;

/** How a fetch of keys ended, in few words: a value of metrics. */
export type FetchOutcome =
  | "fetched"
  | "timeout"
  | "unreachable"
  | "forbidden_address"
  | "status"
  | "too_large"
  | "unfit";

/** Why keys could not be had. The message is for the log and the doctor: it quotes nothing that was fetched. */
export class KeyFetchError extends Error {
  readonly outcome: Exclude<FetchOutcome, "fetched">;
  /** Of an HTTP answer that is not 200. */
  readonly status: number | undefined;

  constructor(outcome: KeyFetchError["outcome"], message: string, details: { cause?: unknown; status?: number } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "KeyFetchError";
    this.outcome = outcome;
    this.status = details.status;
  }
}

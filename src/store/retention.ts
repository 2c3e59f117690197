/** How long things outlive their own expiry in a store, in milliseconds: an hour's clock jump and five minutes' leeway. */
export const KEEP_MARGIN_MS = 65 * 60_000;

/** How long the revocation log keeps an entry for those that follow it; the live set keeps what is still in force. */
export const LOG_RETENTION_MS = 60 * 60_000;

/** How many things of each kind one purge removes, so that it never holds up a request for long. */
export const PURGE_BATCH = 500;

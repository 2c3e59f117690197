/** What `openClient` is told. */
export type ClientOptions = {
  /** `HOST:PORT`, `[IPv6]:PORT` or `unix:PATH`. */
  address: string;
  /** Absent: plaintext, for addresses that cannot leave this machine. */
  tls?: TlsOptions | undefined;
  /** By what the service recognises this caller, unless by the certificate of `tls` or by the Unix socket. */
  credentials?: Credentials | undefined;
  /** The resource server's own identifiers; those that the service knows for this caller when absent. */
  audience?: readonly string[] | undefined;
  /** How long a call may take in all, retries included. 1,000 when absent. */
  deadlineMs?: number | undefined;
  /** How many introspections may wait for an answer at once; more fail with RESOURCE_EXHAUSTED. 10,000 when absent. */
  maxPending?: number | undefined;
  /** Keeps answers, as far as the service allows it. Needs a caller with the permission `watch`. */
  cache?: CacheOptions | undefined;
};

/** PEM. */
export type TlsOptions = {
  /** The authorities that may have signed the service's certificate; those that Node.js knows when absent. */
  ca?: string | Buffer | undefined;
  /** This caller's certificate and key, for mTLS. */
  cert?: string | Buffer | undefined;
  key?: string | Buffer | undefined;
  /** The name that the service's certificate must have, where it is another than the address's. */
  serverName?: string | undefined;
};

/** A secret, or a JWT that is asked for whenever a stream or a call begins, and given within 5 s. */
export type Credentials = { secret: string } | { token: () => Promise<string> };

export type CacheOptions = {
  /** How many answers are kept; the one that was not used for longest goes first. 10,000 when absent. */
  maxEntries?: number | undefined;
  /** How long ago it may have been proved that no revocation is missing. 1,000 when absent. */
  maxStalenessMs?: number | undefined;
  /** How many live revocations are kept; where there are more, nothing is answered from the cache. 100,000 when absent. */
  maxRevocations?: number | undefined;
};

/** @throws TypeError naming the option, for what is no whole number from 1 */
export function wholeNumber(name: string, value: number | undefined, otherwise: number): number {
  const number = value ?? otherwise;
  if (!Number.isSafeInteger(number) || number < 1) throw new TypeError(`${name} must be a whole number from 1`);
  return number;
}

import type { IssuerKeys } from "../core/ports.ts";
import { StartError } from "../core/start-error.ts";
import type { ForeignKeySet } from "./foreign-key-set.ts";
import { jwksFile } from "./jwks-file.ts";
import type { KeyLog } from "./key-log.ts";
import { type CachePolicy, cachedKeySet, type KeySetSource } from "./key-set-cache.ts";
import { keySourceUrl } from "./key-source-url.ts";
import { remoteKeySource } from "./remote-key-source.ts";

export type IssuerKeysOptions = {
  issuer: string;
  /** Exactly one of the three says where the keys are. */
  discovery: boolean;
  jwksUri?: string;
  jwksFile?: string;
  allowHttpLoopback: boolean;
  log?: KeyLog;
  /** For remote keys; what is absent keeps its default. */
  limits?: Partial<RemoteLimits>;
};

/** Times in milliseconds. */
export type RemoteLimits = CachePolicy & {
  /** For one load, discovery included. */
  timeout: number;
  /** For each fetched document. */
  maxBytes: number;
};

const REMOTE: RemoteLimits = {
  maxAge: 600_000,
  coolDown: 30_000,
  retryAfter: 5_000,
  timeout: 5_000,
  maxBytes: 524_288,
};
/** A file costs a look at its date. */
const FILE: CachePolicy = { maxAge: 1_000, coolDown: 1_000, retryAfter: 1_000 };

/**
 * The keys of a foreign issuer: fetched when first needed, or read from a file at once.
 * @throws StartError when the source is not unique, its address not allowed, or the file unfit
 */
export function openIssuerKeys(options: IssuerKeysOptions): IssuerKeys {
  const { issuer, discovery, jwksUri, jwksFile: path } = options;
  if ([discovery, jwksUri !== undefined, path !== undefined].filter(Boolean).length !== 1) {
    throw new StartError(`The issuer ${issuer} needs exactly one of discovery, jwks_uri and jwks_file.`);
  }
  if (path !== undefined) return fileKeys(options, path);
  return remoteKeys(options);
}

function fileKeys(options: IssuerKeysOptions, path: string): IssuerKeys {
  const read = jwksFile(path, REMOTE.maxBytes);
  return cachedKeySet({ ...source(options, async () => read()), initial: read() }, FILE);
}

function remoteKeys(options: IssuerKeysOptions): IssuerKeys {
  const { issuer, discovery, jwksUri, allowHttpLoopback } = options;
  const limits = { ...REMOTE, ...options.limits };
  const url = allowedUrl(options, discovery ? issuer : (jwksUri ?? ""));
  if (discovery && (url.search !== "" || url.hash !== "")) {
    throw new StartError(
      `The issuer ${issuer} has a query or fragment, so that discovery is not possible: set jwks_uri.`,
    );
  }
  const fetchKeys = remoteKeySource({ issuer, allowHttpLoopback, ...limits, ...(discovery ? {} : { jwksUri: url }) });
  return cachedKeySet(source(options, fetchKeys), limits);
}

function allowedUrl({ issuer, discovery, allowHttpLoopback }: IssuerKeysOptions, text: string): URL {
  const url = keySourceUrl(text, allowHttpLoopback);
  if (url !== undefined) return url;
  throw new StartError(
    `The keys of the issuer ${issuer} cannot be fetched safely: ${discovery ? "the issuer" : "its jwks_uri"} must be an https URL without credentials. For a trial on this machine, http on loopback is allowed by allow_http_loopback.`,
  );
}

function source({ issuer, log }: IssuerKeysOptions, load: () => Promise<ForeignKeySet>): KeySetSource {
  return {
    issuer,
    load: async () => {
      const set = await load();
      if (set.refused.length > 0) log?.warn({ issuer, refused: set.refused }, "keys of an issuer are not trusted");
      return set;
    },
    onFailure: (cause) => log?.warn({ issuer, problem: chainOf(cause) }, "the keys of an issuer cannot be loaded"),
  };
}

/** `fetch failed` alone says nothing: the cause does. */
function chainOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause === undefined ? cause.message : `${cause.message}: ${chainOf(cause.cause)}`;
}

import type { IssuerKeys } from "../core/ports.ts";
import { StartError } from "../core/start-error.ts";
import { jwksFile } from "./jwks-file.ts";
import { KeyFetchError } from "./key-fetch-error.ts";
import type { KeyLog } from "./key-log.ts";
import type { KeyObserver } from "./key-observer.ts";
import { cachedKeySet, type CachePolicy, type LoadedKeySet } from "./key-set-cache.ts";
import { keySourceUrl } from "./key-source-url.ts";
import { remoteKeySource } from "./remote-key-source.ts";

export type IssuerKeysOptions = {
  issuer: string;
  /** Exactly one of the three says where the keys are. */
  discovery: boolean;
  jwksUri?: string;
  jwksFile?: string;
  allowHttpLoopback: boolean;
  allowPrivateAddresses?: boolean;
  log?: KeyLog;
  observer?: KeyObserver;
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

type KeySource = { load: () => Promise<LoadedKeySet>; policy: CachePolicy; initial?: LoadedKeySet["set"] };

const REMOTE: RemoteLimits = {
  maxAge: 600_000,
  coolDown: 30_000,
  maxStale: 3_600_000,
  timeout: 5_000,
  maxBytes: 524_288,
};
/** A file costs a look at its date, and one that is gone was taken away on purpose. */
const FILE: CachePolicy = { maxAge: 1_000, coolDown: 1_000, maxStale: 0 };

/**
 * The keys of a foreign issuer: fetched when first needed, or read from a file at once.
 * @throws StartError when the source is not unique, its address not allowed, or the file unfit
 */
export function openIssuerKeys(options: IssuerKeysOptions): IssuerKeys {
  const { issuer, observer } = options;
  const { load, policy, initial } = keySource(options);
  const keys = cachedKeySet(
    { issuer, load: reported(options, load), ...(initial === undefined ? {} : { initial }) },
    policy,
  );
  observer?.follow(issuer, () => keys.age());
  return keys;
}

/**
 * Loads the keys once, as they are now.
 * @throws StartError as `openIssuerKeys`, KeyFetchError when they cannot be fetched
 */
export async function loadIssuerKeys(options: IssuerKeysOptions): Promise<LoadedKeySet["set"]> {
  return (await keySource(options).load()).set;
}

function keySource(options: IssuerKeysOptions): KeySource {
  const { issuer, discovery, jwksUri, jwksFile: path } = options;
  if ([discovery, jwksUri !== undefined, path !== undefined].filter(Boolean).length !== 1) {
    throw new StartError(`The issuer ${issuer} needs exactly one of discovery, jwks_uri and jwks_file.`);
  }
  if (path === undefined) return remoteSource(options);
  const read = jwksFile(path, REMOTE.maxBytes);
  return { load: async () => ({ set: read(), freshFor: undefined }), policy: FILE, initial: read() };
}

function remoteSource(options: IssuerKeysOptions): KeySource {
  const { issuer, discovery, jwksUri, allowHttpLoopback, allowPrivateAddresses = false } = options;
  const limits = { ...REMOTE, ...options.limits };
  const url = allowedUrl(options, discovery ? issuer : (jwksUri ?? ""));
  if (discovery && (url.search !== "" || url.hash !== "")) {
    throw new StartError(
      `The issuer ${issuer} has a query or fragment, so that discovery is not possible: set jwks_uri.`,
    );
  }
  const where = discovery ? {} : { jwksUri: url };
  const load = remoteKeySource({ issuer, allowHttpLoopback, allowPrivateAddresses, ...limits, ...where });
  return { load, policy: limits };
}

function allowedUrl({ issuer, discovery, allowHttpLoopback }: IssuerKeysOptions, text: string): URL {
  const url = keySourceUrl(text, allowHttpLoopback);
  if (url !== undefined) return url;
  throw new StartError(
    `The keys of the issuer ${issuer} cannot be fetched safely: ${discovery ? "the issuer" : "its jwks_uri"} must be an https URL without credentials. For a trial on this machine, http on loopback is allowed by allow_http_loopback.`,
  );
}

/** Every load is counted; what is wrong is logged when it begins, not each time it is seen again. */
function reported({ issuer, log, observer }: IssuerKeysOptions, load: KeySource["load"]): KeySource["load"] {
  let refused = "";
  return async () => {
    try {
      const loaded = await load();
      observer?.fetched(issuer, "fetched");
      const found = loaded.set.refused;
      if (found.length > 0 && found.join() !== refused)
        log?.warn({ issuer, refused: found }, "keys of an issuer are not trusted");
      refused = found.join();
      return loaded;
    } catch (cause) {
      observer?.fetched(issuer, cause instanceof KeyFetchError ? cause.outcome : "unfit");
      log?.warn({ issuer, problem: chainOf(cause) }, "the keys of an issuer cannot be loaded");
      throw cause;
    }
  };
}

/** That something could not be fetched says nothing: the cause does. */
export function chainOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const what = cause.message === "" && "code" in cause ? String(cause.code) : cause.message;
  return cause.cause === undefined ? what : `${what}: ${chainOf(cause.cause)}`;
}

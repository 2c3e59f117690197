import { AssayError } from "../core/error.ts";
import type { DerivedKeys } from "../core/derived-keys.ts";
import type { Keyring, MacKeys } from "../core/ports.ts";
import { sharedAnew } from "../core/shared-anew.ts";
import { type FollowedRing, followRing, type KnownRing } from "./follow-ring.ts";
import { KeyringConflict } from "./ring.ts";
import { noKey, servingKeys } from "./serving-keys.ts";
import type { KeyringOptions } from "./tend-ring.ts";

export type OpenKeyring = {
  keyring: Keyring;
  macKeys: MacKeys;
  /** Each throws AssayError `keys_unavailable` before the keyring has been read, and while the store has one that is not it. */
  derived: DerivedKeys;
  /** Undefined when the keys are known and current, else a sentence. A store that is away does not make them less known. */
  problem(): string | undefined;
  close(): Promise<void>;
};

/** How often changes by others are taken over, in milliseconds. */
const POLL_MS = 500;
/** How often at most a name that nobody knows makes us look, in milliseconds. */
const LOOK_MS = 1_000;

/**
 * The keyring of the deployment, kept current until it is closed. Where the store is away the keys are unknown at first and
 * read later; keys that are known go on without it. Where the store has a keyring that is not theirs, nothing goes on.
 * @throws StartError when the master key is missing, unfit or another keyring's
 */
export async function openKeyring(options: KeyringOptions): Promise<OpenKeyring> {
  const followed = followRing(options);
  const known = (): KnownRing => {
    const opened = followed.known();
    if (opened === undefined) throw noKey();
    return opened;
  };
  const serving = servingKeys({
    ring: () => known().ring,
    known: () => followed.known()?.ring,
    now: () => options.store.clock.now(),
    publishBeforeMs: options.policy.publishBeforeMs,
    takeOver: () => orNoKey(followed.tend()),
    lookAgain: atMostEvery(LOOK_MS, () => orNoKey(followed.read())),
    readAnew: sharedAnew(() => orNoKey(followed.read())),
  });
  const polling = await startPolling(options, followed);
  return {
    ...serving,
    derived: asGetters(() => known().derived),
    problem: polling.problem,
    async close() {
      await polling.stop();
      await followed.settled();
    },
  };
}

/** What travels to callers. @throws AssayError `keys_unavailable` in place of a KeyringConflict */
async function orNoKey(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw error instanceof KeyringConflict ? noKey(error) : error;
  }
}

/** They may be handed on before they are known. */
function asGetters(derived: () => DerivedKeys): DerivedKeys {
  return {
    get selector() {
      return derived().selector;
    },
    get fingerprint() {
      return derived().fingerprint;
    },
    get sealing() {
      return derived().sealing;
    },
    get opaque() {
      return derived().opaque;
    },
    get nonce() {
      return derived().nonce;
    },
  };
}

/** Whoever asks in between gets the outcome of the last time. */
function atMostEvery(intervalMs: number, work: () => Promise<void>): () => Promise<void> {
  let last: { at: number; done: Promise<void> } | undefined;
  return () => {
    const now = performance.now();
    if (last === undefined || now - last.at >= intervalMs) last = { at: now, done: work() };
    return last.done;
  };
}

async function startPolling({ log }: KeyringOptions, followed: FollowedRing) {
  let problem: string | undefined;
  try {
    await followed.tend();
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    problem = sentenceOf(error, followed);
  }

  async function poll(): Promise<void> {
    const found = await followed.tend().then(
      () => missingKey(followed),
      (error: unknown) => sentenceOf(error, followed),
    );
    if (found !== undefined && found !== problem) log?.warn({ problem: found }, "the keyring is not current");
    problem = found;
  }

  let polling: Promise<void> | undefined;
  const timer = setInterval(() => {
    polling ??= poll().finally(() => {
      polling = undefined;
    });
  }, POLL_MS).unref();
  return {
    problem: () => problem,
    async stop() {
      clearInterval(timer);
      await polling;
    },
  };
}

function missingKey(followed: FollowedRing): string | undefined {
  const ring = followed.known()?.ring;
  if (ring?.records.every(({ id }) => ring.keys.has(id)) === true) return undefined;
  return "The keyring in the store has keys that are sealed under a master key that this instance does not have: start it again with the new one.";
}

function sentenceOf(error: unknown, followed: FollowedRing): string | undefined {
  if (error instanceof AssayError && followed.known() !== undefined) return undefined;
  return followed.conflict() ?? (error instanceof Error ? error.message : String(error));
}

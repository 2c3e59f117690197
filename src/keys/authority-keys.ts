/** A deployment's public keys at an instance that has no keyring: as an authority publishes them. */
import { type CryptoKey, importJWK, type JWK } from "jose";
import { z } from "zod";
import { AssayError } from "../core/error.ts";
import type { SigningAlgorithm, VerificationKeys } from "../core/ports.ts";
import { sharedAnew } from "../core/shared-anew.ts";
import type { KeyLog } from "./key-log.ts";

export type AuthorityKeysOptions = {
  /**
   * The text of a JWK Set, and for how long it may be cached.
   * @param isCurrent whether the authority is to ask its store for them first
   * @throws AssayError `store_unavailable`, `keys_unavailable`
   */
  fetch: (isCurrent: boolean) => Promise<{ jwks: string; cacheableForMs: number }>;
  log?: KeyLog;
};

export type AuthorityKeys = VerificationKeys & {
  /** Fetches them, unless that was done a moment ago. Never rejects. */
  load(): Promise<void>;
  /** A sentence while no keys are known. */
  problem(): string | undefined;
  close(): Promise<void>;
};

type PublicKey = { alg: SigningAlgorithm; publicKey: CryptoKey };
type KeySet = { text: string; keys: ReadonlyMap<string, PublicKey>; published: JWK[] };
type Held = { set: KeySet; at: number; cacheableForMs: number };

const MAX_KEYS = 64;
const MAX_TEXT = 262_144;
/** How often at most a name that nobody knows makes us look, and how often a failed fetch is repeated. */
const LOOK_MS = 1_000;
/** Of the time that a set may be cached. */
const REFRESH_AFTER = 0.5;
const GREATEST_INTERVAL_MS = 300_000;

const member = z.string().min(1).max(8_192);
const named = { kid: member, use: z.literal("sig") };
const publicJwk = z.discriminatedUnion("alg", [
  z.object({ ...named, alg: z.literal("EdDSA"), kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: member }),
  z.object({ ...named, alg: z.literal("ES256"), kty: z.literal("EC"), crv: z.literal("P-256"), x: member, y: member }),
  z.object({ ...named, alg: z.enum(["PS256", "RS256"]), kty: z.literal("RSA"), n: member, e: member }),
  z.object({ ...named, alg: z.literal("ML-DSA-65"), kty: z.literal("AKP"), pub: member }),
]);
const jwkSet = z.object({ keys: z.array(z.unknown()).max(MAX_KEYS) });

/** Kept current until closed. Keys that are known go on through failures: one that was revoked is known by its revocation. */
export function authorityKeys({ fetch, log }: AuthorityKeysOptions): AuthorityKeys {
  let held: Held | undefined;
  let last: { at: number; done: Promise<boolean> } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let isFailing = false;

  /** @returns whether they were fetched */
  async function fetchAnew(isCurrent = false): Promise<boolean> {
    const at = performance.now();
    try {
      const { jwks, cacheableForMs } = await fetch(isCurrent);
      const set = held?.set.text === jwks ? held.set : await readSet(jwks);
      // An answer that another has overtaken says less than that one.
      if (held === undefined || held.at <= at) held = { set, at, cacheableForMs };
      isFailing = false;
      return true;
    } catch (error) {
      if (!isFailing) log?.warn({ err: error }, "the deployment's public keys could not be fetched");
      isFailing = true;
      return false;
    } finally {
      schedule();
    }
  }

  function look(): Promise<boolean> {
    if (last !== undefined && performance.now() - last.at < LOOK_MS) return last.done;
    return begin();
  }

  function begin(): Promise<boolean> {
    last = { at: performance.now(), done: fetchAnew() };
    return last.done;
  }

  function schedule(): void {
    clearTimeout(timer);
    if (isClosed) return;
    const dueAt =
      held === undefined ? 0 : held.at + Math.min(held.cacheableForMs * REFRESH_AFTER, GREATEST_INTERVAL_MS);
    timer = setTimeout(() => void begin(), Math.max(LOOK_MS, dueAt - performance.now())).unref();
  }

  function known(): Held {
    if (held === undefined) throw unavailable();
    return held;
  }

  return {
    inUse: () => held?.set,
    async verificationKey(kid) {
      const isNew = held?.set.keys.get(kid) === undefined;
      const isAnswered = isNew ? await look() : true;
      const { set } = known();
      const found = set.keys.get(kid);
      // Only a set that could be fetched can say that there is no such key.
      if (found === undefined && !isAnswered) throw unavailable();
      return found && { ...found, in: set };
    },
    readAnew: sharedAnew(async () => {
      if (!(await fetchAnew(true))) throw unavailable();
    }),
    published: () => {
      const { set, at, cacheableForMs } = known();
      const left = Math.max(0, cacheableForMs - (performance.now() - at));
      return { jwks: { keys: set.published.map((key) => ({ ...key })) }, cacheableForMs: left };
    },
    load: async () => void (await look()),
    problem: () => (held === undefined ? "The deployment's public keys are not known yet." : undefined),
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await last?.done;
    },
  };
}

/** Keys of a kind that is not known here are left out: tokens that they sign are of an unknown key. @throws Error for what is no JWK Set */
async function readSet(text: string): Promise<KeySet> {
  const parsed = jwkSet.safeParse(text.length > MAX_TEXT ? undefined : JSON.parse(text));
  if (!parsed.success) throw new Error("the authority published no JWK Set");
  const published = parsed.data.keys.flatMap((key) => publicJwk.safeParse(key).data ?? []);
  const keys = new Map<string, PublicKey>();
  for (const jwk of published) {
    const publicKey = await importJWK({ ...jwk, ext: true }, jwk.alg);
    if (publicKey instanceof Uint8Array) continue;
    keys.set(jwk.kid, { alg: jwk.alg, publicKey });
  }
  return { text, keys, published };
}

function unavailable(): AssayError {
  return new AssayError("keys_unavailable", "the deployment's public keys cannot be had at the moment; retry");
}

import { after, type AtOnce } from "../core/at-once.ts";
import { AssayError } from "../core/error.ts";
import type { Keyring, MacKeys } from "../core/ports.ts";
import { macKeyName } from "../core/recognise-refresh-token.ts";
import type { KeyKind } from "./key-record.ts";
import type { LoadedKey } from "./loaded-key.ts";
import { ofKind } from "./plan-keyring.ts";
import type { Ring } from "./ring.ts";
import { activeOf } from "./states.ts";

export type RingInUse = {
  /** @throws AssayError `keys_unavailable` */
  ring: () => Ring;
  /** Undefined before it has been read. */
  known: () => Ring | undefined;
  now: () => number;
  /** Reads the keyring again, unless that was done a moment ago. @throws AssayError `store_unavailable` */
  lookAgain: () => Promise<void>;
  readAnew: () => Promise<void>;
  takeOver: () => Promise<void>;
  publishBeforeMs: number;
};

/** Instances publish a new key this much later than the first of them. */
const TAKE_OVER_MS = 2_000;
const GREATEST_CACHEABLE_MS = 300_000;

type Loaded<Kind extends KeyKind> = Extract<LoadedKey, { kind: Kind }>;

/** The ports over a keyring: each answer follows from what is known and what time it is at that moment. */
export function servingKeys(inUse: RingInUse): { keyring: Keyring; macKeys: MacKeys } {
  const { now, publishBeforeMs } = inUse;
  const cacheableForMs = Math.min(GREATEST_CACHEABLE_MS, Math.max(0, publishBeforeMs - TAKE_OVER_MS));

  function active<Kind extends "signing" | "mac">(kind: Kind): Loaded<Kind> {
    const { records } = inUse.ring();
    const record = activeOf(ofKind(records, kind), now());
    const key = record && find(kind, record.id);
    if (key === undefined) throw noKey();
    return key;
  }

  function find<Kind extends "signing" | "mac">(kind: Kind, id: string): Loaded<Kind> | undefined {
    const key = inUse.ring().keys.get(id);
    return key !== undefined && isOf(kind, key) ? key : undefined;
  }

  function findOrLook<Kind extends "signing" | "mac">(kind: Kind, id: string): AtOnce<Loaded<Kind> | undefined> {
    return find(kind, id) ?? inUse.lookAgain().then(() => find(kind, id));
  }

  return {
    keyring: {
      active: () => active("signing"),
      inUse: inUse.known,
      verificationKey: async (kid) => {
        const key = await findOrLook("signing", kid);
        return key && { ...key, in: inUse.ring() };
      },
      published: () => ({ jwks: { keys: publicKeys(inUse.ring()) }, cacheableForMs }),
      readAnew: inUse.readAnew,
      takeOver: inUse.takeOver,
    },
    macKeys: {
      active: () => {
        const { number: id, key } = active("mac");
        return { id, key };
      },
      byId: (id) => after(findOrLook("mac", macKeyName(id)), (found) => found?.key),
    },
  };
}

export function noKey(cause?: Error): AssayError {
  return new AssayError(
    "keys_unavailable",
    "this instance does not know the keys of its deployment at the moment; retry",
    { cause },
  );
}

function publicKeys({ records, keys }: Ring) {
  return ofKind(records, "signing")
    .filter(({ revokedAt }) => revokedAt === undefined)
    .map(({ id }) => keys.get(id))
    .filter((key) => key?.kind === "signing")
    .map((key) => ({ ...key.publicJwk }));
}

function isOf<Kind extends KeyKind>(kind: Kind, key: LoadedKey): key is Loaded<Kind> {
  return key.kind === kind;
}

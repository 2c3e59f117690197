/** How a keyring lies in the store: one JSON text, in which all that is secret is sealed. */
import { z } from "zod";

/** `data` is the root of the keys by which the store knows what it holds: there is one, and it stays. */
export type KeyKind = "signing" | "mac" | "data";

/** Times in milliseconds, by the store's clock. What state a key is in follows from them: see `states.ts`. */
export type KeyRecord = {
  kind: KeyKind;
  /** The `kid` of a signing key, `mac-XXXXXXXX` of a MAC key: by this name it is revoked. */
  id: string;
  alg: string;
  created: number;
  activatesAt: number;
  /** How long it verifies after it was last used: what it made is dead by then. The greatest that any instance has asked for. */
  keepMs: number;
  /** When it was found to be revoked. */
  revokedAt?: number | undefined;
  /** JWE (RFC 7516): the key as a private JWK, under the master key that its `kid` names. */
  sealed: string;
};

const time = z.int().nonnegative();
const keyring = z.strictObject({
  keys: z.array(
    z.strictObject({
      kind: z.enum(["signing", "mac", "data"]),
      id: z.string().min(1),
      alg: z.string().min(1),
      created: time,
      activatesAt: time,
      keepMs: time,
      revokedAt: time.optional(),
      sealed: z.string().min(1),
    }),
  ),
});

export function encodeRecords(keys: readonly KeyRecord[]): string {
  return JSON.stringify({ keys });
}

/** @throws Error when it is not in the form that this version writes */
export function decodeRecords(text: string): KeyRecord[] {
  if (text === "") return [];
  const parsed = keyring.safeParse(parseJson(text));
  if (!parsed.success) throw new Error("the keyring is not in the form that this version writes");
  return parsed.data.keys;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A foreign JWK Set (RFC 7517), reduced to what may verify signatures. */
import { createLocalJWKSet, type JWK } from "jose";
import { z } from "zod";
import type { IssuerKey } from "../core/ports.ts";

export type KeyQuery = { alg: string; kid?: string };

export type ForeignKeySet = {
  /** Undefined when no key fits, or more than one. */
  find(query: KeyQuery): Promise<IssuerKey | undefined>;
  /** Keys that are dangerous to trust, one sentence each. */
  refused: readonly string[];
  /** How many keys may be used. */
  size: number;
};

const MAX_KEYS = 256;
const MIN_RSA_BITS = 2048;
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

const keySet = z.object({ keys: z.array(z.record(z.string(), z.unknown())).max(MAX_KEYS) });
const text = z.string().optional();
const publicKey = z.object({
  kty: z.enum(["RSA", "EC", "OKP"]),
  kid: text,
  alg: text,
  use: text,
  key_ops: z.array(z.string()).optional(),
  crv: text,
  x: text,
  y: text,
  n: text,
  e: text,
});
type PublicKey = z.output<typeof publicKey>;

/** @throws Error when it is no JWK Set, or holds more than 256 keys */
export function parseForeignKeySet(json: unknown): ForeignKeySet {
  const set = keySet.safeParse(json);
  if (!set.success) throw new Error(`not a JWK Set of at most ${MAX_KEYS} keys`);
  const refused: string[] = [];
  const keys: JWK[] = [];
  for (const [index, member] of set.data.keys.entries()) {
    const danger = dangerOf(member);
    if (danger !== undefined) refused.push(`the key at index ${index} ${danger}`);
    const key = publicKey.safeParse(member);
    if (danger === undefined && key.success) keys.push(defined(key.data));
  }
  return { find: finder(keys), refused, size: keys.length };
}

/** jose fits `alg`, `kid`, `kty`, `crv`, `use` and `key_ops`; whatever it objects to is a key that we do not have. */
function finder(keys: JWK[]): ForeignKeySet["find"] {
  const find = createLocalJWKSet({ keys });
  const kids = keys.flatMap(({ kid }) => kid ?? []);
  return async (query) => {
    const key = await find(query).catch(() => undefined);
    if (key === undefined || query.kid !== undefined) return key && { key, kid: query.kid };
    // jose imports a key once: what it finds by a kid too is the same object.
    const named = await Promise.all(kids.map((kid) => find({ ...query, kid }).catch(() => undefined)));
    return { key, kid: kids[named.indexOf(key)] };
  };
}

function dangerOf(key: Record<string, unknown>): string | undefined {
  if (key["kty"] === "oct") return "is symmetric: whoever reads it can sign";
  if (PRIVATE_MEMBERS.some((name) => name in key)) return "has private members: whoever reads it can sign";
  if (key["kty"] === "RSA" && bitsOf(key["n"]) < MIN_RSA_BITS) return `is RSA with fewer than ${MIN_RSA_BITS} bits`;
  return undefined;
}

function bitsOf(modulus: unknown): number {
  if (typeof modulus !== "string") return 0;
  const hex = Buffer.from(modulus, "base64url").toString("hex").replace(/^0+/, "");
  return hex === "" ? 0 : hex.length * 4 - (Math.clz32(Number.parseInt(hex[0] ?? "", 16)) - 28);
}

function defined(key: PublicKey): JWK {
  return Object.fromEntries(Object.entries(key).filter(([, value]) => value !== undefined));
}

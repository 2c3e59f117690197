/** A foreign JWK Set (RFC 7517), reduced to what may verify signatures. */
import { createPublicKey } from "node:crypto";
import { createLocalJWKSet, type JWK } from "jose";
import { z } from "zod";
import type { IssuerKey } from "../core/ports.ts";
import { KeyFetchError } from "./key-fetch-error.ts";
import { isLowOrderPoint } from "./low-order-point.ts";
import { rsaWeakness } from "./rsa-weakness.ts";

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
const EC_CURVES = ["P-256", "P-384", "P-521"];
const OKP_CURVES = ["Ed25519"];
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

/** @throws KeyFetchError when it is no JWK Set, or holds more than 256 keys */
export function parseForeignKeySet(json: unknown): ForeignKeySet {
  const set = keySet.safeParse(json);
  if (!set.success) throw new KeyFetchError("unfit", `not a JWK Set of at most ${MAX_KEYS} keys`);
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
  // As many as there are keys and algorithms: what is not found is not kept.
  const found = new Map<string, IssuerKey>();

  async function findAnew(query: KeyQuery): Promise<IssuerKey | undefined> {
    const key = await find(query).catch(() => undefined);
    if (key === undefined || query.kid !== undefined) return key && { key, kid: query.kid };
    // jose imports a key once: what it finds by a kid too is the same object.
    const named = await Promise.all(kids.map((kid) => find({ ...query, kid }).catch(() => undefined)));
    return { key, kid: kids[named.indexOf(key)] };
  }

  return async (query) => {
    const name = JSON.stringify([query.alg, query.kid]);
    const known = found.get(name);
    if (known !== undefined) return known;
    const key = await findAnew(query);
    if (key !== undefined) found.set(name, key);
    return key;
  };
}

/** Symmetric and private keys are known to others whatever they are for; the rest matters for keys that verify. */
function dangerOf(key: Record<string, unknown>): string | undefined {
  if (key["kty"] === "oct") return "is symmetric: whoever reads it can sign";
  if (PRIVATE_MEMBERS.some((name) => name in key)) return "has private members: whoever reads it can sign";
  if (key["use"] === "enc") return undefined;
  if (key["kty"] === "RSA") return rsaWeakness(key["n"], key["e"]) ?? malformation(key);
  if (key["kty"] === "EC" || key["kty"] === "OKP") return curveWeakness(key) ?? malformation(key);
  return undefined;
}

function curveWeakness({ kty, crv, x }: Record<string, unknown>): string | undefined {
  const curves = kty === "EC" ? EC_CURVES : OKP_CURVES;
  if (typeof crv !== "string" || !curves.includes(crv)) return `is on no curve out of ${curves.join(", ")}`;
  return kty === "OKP" && isLowOrderPoint(x) ? "is a point of low order: it verifies what nobody signed" : undefined;
}

/** A coordinate that is missing, or a point that is not on its curve. */
function malformation({ kty, crv, x, y, n, e }: Record<string, unknown>): string | undefined {
  try {
    createPublicKey({ key: defined({ kty, crv, x, y, n, e }), format: "jwk" });
    return undefined;
  } catch {
    return "is malformed: it has no such point or number";
  }
}

function defined(key: Readonly<Record<string, unknown>>): JWK {
  return Object.fromEntries(Object.entries(key).filter(([, value]) => value !== undefined));
}

import { keyedDigestText } from "./derived-keys.ts";
import type { Origin } from "./token/verified-token.ts";

/** What a revocation names. Every selector carries its issuer. */
export type Selector =
  | { kind: "token"; iss: string; jti: string }
  /** A token without `jti`: base64url SHA-256 of `header.payload`. */
  | { kind: "token_digest"; iss: string; digest: string }
  | { kind: "family"; iss: string; sid: string }
  | { kind: "subject"; iss: string; sub: string }
  | { kind: "client"; iss: string; client_id: string }
  | { kind: "key"; iss: string; kid: string }
  | { kind: "issuer"; iss: string };

const NAMES_MANY: ReadonlySet<Selector["kind"]> = new Set(["issuer", "client", "key"]);
/** Together well below a megabyte. */
const MOST_NAMES = 1_024;
const GREATEST_NAME = 256;
const digestedUnder = new WeakMap<Buffer, Map<string, string>>();

/** How the store knows a selector: 16 bytes that say nothing to who lacks the key. */
export function selectorDigest(key: Buffer, selector: Selector): Buffer {
  return Buffer.from(selectorDigestText(key, selector), "latin1");
}

/** The same with one byte in each character. What names many tokens is digested once: those of few issuers, clients and keys. */
export function selectorDigestText(key: Buffer, selector: Selector): string {
  const { kind, iss } = selector;
  const name = selectorName(selector);
  if (!NAMES_MANY.has(kind) || iss.length + name.length > GREATEST_NAME) return keyedDigestText(key, [kind, iss, name]);
  const digested = namesDigestedUnder(key);
  // With the length, so that no two selectors are one text.
  const text = `${kind} ${iss.length} ${iss}${name}`;
  const known = digested.get(text);
  if (known !== undefined) return known;
  if (digested.size >= MOST_NAMES) digested.clear();
  const digest = keyedDigestText(key, [kind, iss, name]);
  digested.set(text, digest);
  return digest;
}

function namesDigestedUnder(key: Buffer): Map<string, string> {
  const known = digestedUnder.get(key);
  if (known !== undefined) return known;
  const none = new Map<string, string>();
  digestedUnder.set(key, none);
  return none;
}

/** Everything by which a revocation could name this origin. */
export function selectorsOf(origin: Origin): Selector[] {
  const { iss, jti, digest, sid, sub, client_id, kid } = origin;
  const selectors: Selector[] = [{ kind: "issuer", iss }];
  if (jti !== undefined) selectors.push({ kind: "token", iss, jti });
  if (digest !== undefined) selectors.push({ kind: "token_digest", iss, digest });
  if (sid !== undefined) selectors.push({ kind: "family", iss, sid });
  if (sub !== undefined) selectors.push({ kind: "subject", iss, sub });
  if (client_id !== undefined) selectors.push({ kind: "client", iss, client_id });
  if (kid !== undefined) selectors.push({ kind: "key", iss, kid });
  return selectors;
}

function selectorName(selector: Selector): string {
  switch (selector.kind) {
    case "token":
      return selector.jti;
    case "token_digest":
      return selector.digest;
    case "family":
      return selector.sid;
    case "subject":
      return selector.sub;
    case "client":
      return selector.client_id;
    case "key":
      return selector.kid;
    case "issuer":
      return "";
  }
}

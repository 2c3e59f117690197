import { sealContext } from "./append-revocation.ts";
import { unseal } from "./sealing.ts";
import type { Selector } from "./selector.ts";
import { isObject } from "./token/strict-json.ts";

/** Whom a revocation names, and why. */
export type RevocationMeaning = { selector: Selector; reason: string | undefined };

/** Opens what `appendRevocation` sealed. Undefined where nothing is: the store had lost it, and only the digest was put back. */
export function readRevocation(sealingKey: Buffer, digest: Buffer, sealed: Buffer): RevocationMeaning | undefined {
  if (sealed.length === 0) return undefined;
  const { selector, reason }: { selector?: unknown; reason?: unknown } = Object(
    unseal(sealingKey, sealContext(digest), sealed),
  );
  const read = isObject(selector) ? readSelector(selector) : undefined;
  if (read === undefined || (reason !== undefined && typeof reason !== "string"))
    throw new Error("a revocation's sealed part opens but is not of the known shape");
  return { selector: read, reason };
}

function readSelector({ kind, iss, ...names }: Readonly<Record<string, unknown>>): Selector | undefined {
  if (typeof iss !== "string") return undefined;
  const { jti, digest, sid, sub, client_id, kid } = names;
  if (kind === "token" && typeof jti === "string") return { kind, iss, jti };
  if (kind === "token_digest" && typeof digest === "string") return { kind, iss, digest };
  if (kind === "family" && typeof sid === "string") return { kind, iss, sid };
  if (kind === "subject" && typeof sub === "string") return { kind, iss, sub };
  if (kind === "client" && typeof client_id === "string") return { kind, iss, client_id };
  if (kind === "key" && typeof kid === "string") return { kind, iss, kid };
  return kind === "issuer" ? { kind, iss } : undefined;
}

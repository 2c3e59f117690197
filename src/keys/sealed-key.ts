/** Keys at rest: JWE (RFC 7516), `dir` with A256GCM, under the master key that the header's `kid` names. */
import { compactDecrypt, CompactEncrypt, decodeProtectedHeader, type JWK } from "jose";
import { z } from "zod";
import type { KeyKind, KeyRecord } from "./key-record.ts";
import type { MasterKey } from "./master-key.ts";

/** What is sealed with the key, so that no record's key can be passed off as another's. */
type Identity = Pick<KeyRecord, "kind" | "id" | "alg">;

const content = z.strictObject({
  kind: z.enum(["signing", "mac", "data"] satisfies KeyKind[]),
  id: z.string(),
  alg: z.string(),
  jwk: z.record(z.string(), z.unknown()),
});

export async function sealKey(master: MasterKey, { kind, id, alg }: Identity, jwk: JWK): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify({ kind, id, alg, jwk }));
  return new CompactEncrypt(text)
    .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: master.id })
    .encrypt(master.key);
}

/** @throws Error, never with what it read, when it was sealed for another record or has been altered */
export async function openKey(master: MasterKey, record: Identity & { sealed: string }): Promise<JWK> {
  const { plaintext } = await compactDecrypt(record.sealed, master.key, {
    keyManagementAlgorithms: ["dir"],
    contentEncryptionAlgorithms: ["A256GCM"],
  });
  const parsed = content.safeParse(JSON.parse(new TextDecoder().decode(plaintext)));
  const same = (["kind", "id", "alg"] as const).every((name) => parsed.data?.[name] === record[name]);
  if (!parsed.success || !same) throw new Error(`what is sealed as the key ${record.id} is another key`);
  return parsed.data.jwk;
}

/** The name of the master key under which a record is sealed. */
export function sealedUnder({ sealed }: KeyRecord): string {
  const { kid } = decodeProtectedHeader(sealed);
  return typeof kid === "string" ? kid : "an unnamed master key";
}

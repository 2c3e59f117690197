import type { JWK } from "jose";
import type { KeyRecord } from "./key-record.ts";
import type { MasterKey } from "./master-key.ts";
import type { WantedKey } from "./plan-keyring.ts";
import { sealKey } from "./sealed-key.ts";
import { makeMacKey, makeRootKey } from "./secret-key.ts";
import { makeSigningKey } from "./signing-key.ts";

/** New keys, sealed. They are nobody's until a store has taken them. */
export function makeRecords(master: MasterKey, wanted: readonly WantedKey[], now: number): Promise<KeyRecord[]> {
  return Promise.all(
    wanted.map(async ({ kind, alg, activatesAt, keepMs }) => {
      const { id, jwk } = await makeKey({ kind, alg });
      const sealed = await sealKey(master, { kind, id, alg }, jwk);
      return { kind, id, alg, created: now, activatesAt, keepMs, sealed };
    }),
  );
}

async function makeKey({ kind, alg }: Pick<WantedKey, "kind" | "alg">): Promise<{ id: string; jwk: JWK }> {
  if (kind === "mac") return makeMacKey();
  if (kind === "data") return makeRootKey();
  const { kid, jwk } = await makeSigningKey(alg);
  return { id: kid, jwk };
}

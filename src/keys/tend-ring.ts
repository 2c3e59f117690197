/** Makes the changes that are due in the keyring: by age, by revocation, by the death of what a key made. */
import type { DerivedKeys } from "../core/derived-keys.ts";
import type { Store } from "../core/ports.ts";
import { markOf } from "../core/revocations/marks.ts";
import type { Revocations } from "../core/revocations/revocations.ts";
import type { FirstRingOptions, Opened } from "./first-ring.ts";
import { encodeRecords, type KeyRecord } from "./key-record.ts";
import { makeRecords } from "./make-records.ts";
import { planKeyring } from "./plan-keyring.ts";
import { isSealedUnder } from "./ring.ts";

export type KeyringOptions = Omit<FirstRingOptions, "store"> & {
  store: Pick<Store, "keyrings" | "clock">;
  revocations: Pick<Revocations, "settle" | "nameOneOf">;
  /** Our own: by it revocations name our keys. */
  issuer: string;
};

/**
 * Of instances that find the same, one makes the changes and the others read again.
 * @returns whether there was something to change, so that the keyring is to be read again
 * @throws AssayError `store_unavailable`, `store_full`
 */
export async function tendRing(
  { store, revocations, issuer, policy, log }: KeyringOptions,
  { ring, masters }: Opened,
  derived: DerivedKeys,
): Promise<boolean> {
  const revoked = await revokedKeys(revocations, issuer, ring.records, derived);
  const now = Math.floor(store.clock.now());
  const maySeal = isSealedUnder(ring.records, masters.current);
  const plan = planKeyring(ring.records, { now, policy, revoked, maySeal });
  if (!plan.isChange) return false;
  const made = await makeRecords(masters.current, plan.wanted, now);
  if (await store.keyrings.swap(ring.version, encodeRecords([...plan.records, ...made]))) {
    log?.info({ made: made.map(nameOf), revoked: [...revoked] }, "changed the keyring");
  }
  return true;
}

async function revokedKeys(
  revocations: KeyringOptions["revocations"],
  iss: string,
  records: readonly KeyRecord[],
  { selector }: DerivedKeys,
): Promise<ReadonlySet<string>> {
  const ids = records.filter(({ kind, revokedAt }) => kind !== "data" && revokedAt === undefined).map(({ id }) => id);
  await revocations.settle();
  return new Set(ids.filter((kid) => revocations.nameOneOf(markOf(selector, { kind: "key", iss, kid }))));
}

function nameOf({ id, activatesAt }: KeyRecord): string {
  return `${id} from ${new Date(activatesAt).toISOString()}`;
}

/** A deployment of one SQLite store and one key directory, whose time the test moves, and instances of it. */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { deriveKeys } from "../../src/core/derived-keys.ts";
import type { SigningAlgorithm, Store } from "../../src/core/ports.ts";
import { openRevocations } from "../../src/core/revocations/revocations.ts";
import { selectorDigest } from "../../src/core/selector.ts";
import type { MasterKeySource } from "../../src/keys/master-key.ts";
import { type OpenKeyring, openKeyring } from "../../src/keys/open-keyring.ts";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { DAY, ISSUER, policy } from "./keyring-policy.ts";

export type Deployment = {
  directory: string;
  keysDir: string;
  store: Store;
  clock: { now: number };
  /** Everything that was logged. */
  lines: string[];
  /** `store`: as seen by this instance. */
  open: (changes?: { algorithm?: SigningAlgorithm; master?: MasterKeySource; store?: Store }) => Promise<OpenKeyring>;
  /** As `Revoke` by `key_id` does. */
  revoke: (instance: OpenKeyring, kid: string) => Promise<void>;
  /** Every byte of the store's files. */
  dump: () => Promise<Buffer>;
};

export async function deployment(): Promise<Deployment> {
  const directory = await temporaryDirectory();
  const [path, keysDir] = [join(directory, "assay.db"), join(directory, "keys")];
  const clock = { now: Date.UTC(2026, 0, 1) };
  const store = await openSqliteStore({ path, greatestLifetimeMs: 31 * DAY, clock: { now: () => clock.now } });
  const revocations = openRevocations({ store: store.revocations, maxStalenessMs: 1_000, capacity: 1_000_000 });
  onTestFinished(async () => {
    await revocations.close();
    await store.close();
  });
  const lines: string[] = [];
  const line = (fields: object, message: string): number => lines.push(JSON.stringify({ ...fields, message }));
  return {
    directory,
    keysDir,
    store,
    clock,
    lines,
    async open({ algorithm, master = { dir: keysDir }, store: seen = store } = {}) {
      const log = { info: line, warn: line };
      const instance = await openKeyring({
        store: seen,
        revocations,
        issuer: ISSUER,
        master,
        policy: policy(algorithm),
        log,
      });
      onTestFinished(() => instance.close());
      return instance;
    },
    async revoke({ derived }, kid) {
      // A key is not replaced in the millisecond that it was made in.
      clock.now += 1;
      const digest = selectorDigest(derived.selector, { kind: "key", iss: ISSUER, kid });
      await revocations.append({ digest, keep: "for-good", sealed: Buffer.from("sealed") });
    },
    dump: async () => Buffer.concat(await Promise.all([path, `${path}-wal`].map((file) => readFile(file)))),
  };
}

/** As another deployment's would look. */
export function otherMasterKey(): string {
  return randomBytes(32).toString("base64url");
}

/** What the store is known by: the same as long as it is the same keyring. */
export function rootOf({ derived }: OpenKeyring): string {
  return derived.sealing.toString("hex");
}

export function derivedFrom(key: Buffer): string {
  return deriveKeys(key).sealing.toString("hex");
}

export function kidsOf({ keyring }: OpenKeyring): string[] {
  return keyring.published().jwks.keys.map(({ kid }) => kid ?? "");
}

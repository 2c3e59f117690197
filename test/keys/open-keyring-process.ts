/** Opens the keyring of a store as a service would, and prints which keys it got. Run by the test of concurrent starts. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { openRevocations } from "../../src/core/revocations/revocations.ts";
import { openKeyring } from "../../src/keys/open-keyring.ts";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";
import { DAY, ISSUER, policy } from "./keyring-policy.ts";

const [path = "", dir = ""] = process.argv.slice(2);
console.log("ready");
await once(process.stdin, "data");
const store = await openSqliteStore({ path, greatestLifetimeMs: 31 * DAY, clock: { now: () => Date.UTC(2026, 0, 1) } });
const revocations = openRevocations({ store: store.revocations, maxStalenessMs: 1_000, capacity: 1_000 });
const opened = await openKeyring({
  store,
  revocations,
  issuer: ISSUER,
  master: { dir },
  policy: policy(),
});
const { keyring, macKeys, derived } = opened;
const digest = createHash("sha256").update(macKeys.active().key).update(derived.sealing).digest("hex");
console.log(`${keyring.active().kid} ${digest}`);
await opened.close();
await revocations.close();
await store.close();
process.stdin.destroy();

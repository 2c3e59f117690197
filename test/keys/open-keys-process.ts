/** Opens the keys of a directory as a service would, and prints which keys it got. Run by the test of concurrent starts. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { openKeys } from "../../src/keys/key-files.ts";

const [dir = ""] = process.argv.slice(2);
console.log("ready");
await once(process.stdin, "data");
const keys = await openKeys({ dir, algorithm: "EdDSA" });
const digest = createHash("sha256").update(keys.macKeys.active().key).update(keys.masterKey).digest("hex");
console.log(`${keys.keyring.active().kid} ${digest}`);
keys.close();
process.stdin.destroy();

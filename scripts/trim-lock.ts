/**
 * Makes package-lock.json fit every Node from 18: `npm run lock`, after each change of the dependencies. npm skips an
 * optional package whose `engines` its own Node does not meet, and the tools' native parts ask for a newer one than
 * whoever runs `npm ci` may have. They run under the Node that npm installs, so the demand is moot.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";

const path = resolve(import.meta.dirname, "../package-lock.json");

// Records, not objects: parsing must keep the order of the keys.
const record = z.record(z.string(), z.unknown());
const lock = record.parse(JSON.parse(readFileSync(path, "utf8")));
const packages = z.record(z.string(), record).parse(lock["packages"]);

for (const found of Object.values(packages)) {
  if (found["optional"] === true) delete found["engines"];
}
writeFileSync(path, `${JSON.stringify({ ...lock, packages }, null, 2)}\n`);

import { existsSync } from "node:fs";
import type { Config } from "../../config/schema.ts";
import { readMasterKeys } from "../../keys/master-key.ts";
import { masterKeySource } from "../keyring-options.ts";
import { sqlitePath, storeKind } from "../open-store.ts";
import { listOwnKeys } from "../own-keys.ts";
import { type Finding, messageOf } from "./finding.ts";

/** Whether the store answers and is safe to use, and holds our keys. */
export async function examineStore(config: Config): Promise<Finding> {
  const subject = "store";
  const path = sqlitePath(config);
  if (path !== undefined && !existsSync(path)) {
    return { subject, state: "warning", says: `There is none at ${path} yet. The first start makes it.` };
  }
  try {
    const keys = await listOwnKeys(config);
    return {
      subject,
      state: "good",
      says: `The ${storeKind(config)} store answers, is safe and holds ${keys.length} keys.`,
    };
  } catch (error) {
    return { subject, state: "problem", says: messageOf(error) };
  }
}

export async function examineMasterKey(config: Config): Promise<Finding> {
  const subject = "master key";
  try {
    const { current } = await readMasterKeys(masterKeySource(config));
    if (current !== undefined) return { subject, state: "good", says: `Readable, and known as ${current.id}.` };
    return { subject, state: "warning", says: `There is none in ${config.keys.dir} yet. The first start makes it.` };
  } catch (error) {
    return { subject, state: "problem", says: messageOf(error) };
  }
}

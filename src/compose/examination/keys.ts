import type { Config } from "../../config/schema.ts";
import type { StoredKeyring } from "../../core/ports.ts";
import { describeKeyring, type KeyListing } from "../../keys/keyring-administration.ts";
import { readMasterKeys } from "../../keys/master-key.ts";
import { readRing } from "../../keys/ring.ts";
import { masterKeySource } from "../keyring-options.ts";
import { fault, type Finding, messageOf, ok, type Said, warning } from "./finding.ts";

export async function examineMasterKey(config: Config): Promise<Finding> {
  return { subject: "master key", ...(await masterKeySays(config)) };
}

async function masterKeySays(config: Config): Promise<Said> {
  try {
    const { current } = await readMasterKeys(masterKeySource(config));
    if (current !== undefined) return ok(`Readable, and known as ${current.id}.`);
    return warning(`There is none in ${config.keys.dir} yet. The first start on a new store makes it.`);
  } catch (error) {
    return fault(messageOf(error));
  }
}

/** Whether every key opens with the master key that is here, and which are in use until when. `now` by the store's clock, milliseconds. */
export async function examineKeyring(config: Config, stored: StoredKeyring, now: number): Promise<Finding[]> {
  const subject = "keys";
  try {
    const keys = describeKeyring(stored, now);
    const states = { subject, ...statesSay(keys) };
    return [{ subject, ...(await opened(config, stored)) }, states, { subject, ...rotationSays(config, keys) }];
  } catch (error) {
    return [{ subject, ...fault(`The keyring cannot be used: ${messageOf(error)}. Restore the store from a backup.`) }];
  }
}

async function opened(config: Config, stored: StoredKeyring): Promise<Said> {
  const { current, previous } = await readMasterKeys(masterKeySource(config)).catch(() => ({
    current: undefined,
    previous: undefined,
  }));
  if (current === undefined) {
    return fault(
      `The store holds keys, but the master key that opens them is not here. Copy ${config.keys.dir}/master.key from an instance, or name it in keys.master_key_file.`,
    );
  }
  const keyrings = { read: async () => stored, swap: async () => false };
  const { records, keys } = await readRing(keyrings, { current, previous }, undefined);
  const closed = records.filter(({ id }) => !keys.has(id)).map(({ id }) => id);
  return closed.length === 0
    ? ok(`All ${records.length} open with the master key ${current.id}.`)
    : fault(
        `${closed.join(", ")}: sealed under another master key than ${current.id}. Name that one too, in keys.previous_master_key_file.`,
      );
}

function statesSay(keys: readonly KeyListing[]): Said {
  const active = keys.filter(({ kind, state }) => kind === "signing" && state === "active");
  const said = keys.map(({ kind, id, alg, state }) => `${kind} ${id} (${alg}) ${state}`).join("; ");
  return active.length > 0 ? ok(`${said}.`) : warning(`${said}: no key signs now. A running instance makes one.`);
}

function rotationSays({ keys: { rotate_every: every } }: Config, keys: readonly KeyListing[]): Said {
  const next = keys.find(({ kind, state }) => kind === "signing" && state === "next");
  if (next !== undefined) return ok(`${next.id} takes over at ${next.activates.toISOString()}.`);
  const active = keys.find(({ kind, state }) => kind === "signing" && state === "active");
  if (every === 0)
    return warning("Signing keys never rotate by age (keys.rotate_every is 0): assay keys rotate does it.");
  if (active === undefined) return ok("The next rotation is due now.");
  return ok(`The next rotation is due at ${new Date(active.activates.getTime() + every).toISOString()}.`);
}

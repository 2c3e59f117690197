import type { StoredKeyring } from "../../core/ports.ts";
import type { RedisConnections } from "./connections.ts";
import { awaitedIn } from "./awaited.ts";
import { isKeyringLost } from "./keyring-loss.ts";
import { HEARTBEAT, INCARNATION_FIELD, KEYRING, REVOCATIONS } from "./keys.ts";
import { answered } from "./redis-error.ts";

/** What lies in a Redis, `absent` being nothing of ours at all. */
export type RedisContents =
  | { store: "absent" }
  /** What of it has gone, in words, and what is left. */
  | { store: "damaged"; lost: readonly string[]; incarnation: string | undefined; live: number }
  | {
      store: "whole";
      incarnation: string;
      schemaVersion: number;
      predecessors: readonly string[];
      /** Those of them that nobody has put back yet, separated by commas: until then it stays closed. */
      awaited: string | undefined;
      live: number;
      /** Entries of the log. */
      logged: number;
      /** The last entry that was taken off the log; undefined when none was. */
      trimmedTo: string | undefined;
      /** How many incarnations, this one included, were healed. */
      healed: number;
      /** How long ago an instance last proved that all is there, in seconds; undefined where that is not told. */
      idleSeconds: number | undefined;
      /** Undefined before the first instance has made one. */
      keyring: StoredKeyring | undefined;
    };

/** Reads only. In a Cluster what is read may change in between: it is for people, not for decisions. */
export async function readContents(connections: RedisConnections): Promise<RedisContents> {
  const { commands } = connections;
  const { log, live, meta } = REVOCATIONS;
  const present = await answered(commands.exists(log, live, meta));
  const keyringIsThere = (await answered(commands.exists(KEYRING))) === 1;
  if (present === 0 && !keyringIsThere) return { store: "absent" };
  const [described, canary, fields, logged] = await Promise.all([
    answered(commands.hgetall(meta)),
    answered(commands.hget(live, INCARNATION_FIELD)),
    answered(commands.hlen(live)),
    answered(commands.xlen(log)),
  ]);
  const incarnation = described["incarnation"] ?? canary ?? undefined;
  // The canary is no revocation.
  const count = fields - (canary === null ? 0 : 1);
  const lost = [
    ...(logged === 0 ? ["the log of revocations"] : []),
    ...(canary === null || canary !== described["incarnation"] ? ["the live revocations, or their canary"] : []),
    ...(isDescribed(described) ? [] : ["its description of itself"]),
    ...(incarnation !== undefined && (await isKeyringLost(commands, incarnation)) ? ["its keyring"] : []),
  ];
  if (lost.length > 0 || incarnation === undefined) {
    return { store: "damaged", lost, incarnation, live: count };
  }
  const trimmedTo = described["trimmed_to"];
  return {
    store: "whole",
    incarnation,
    schemaVersion: Number(described["schema_version"]),
    predecessors: (described["predecessors"] ?? "").split(",").filter((name) => name !== ""),
    awaited: await awaitedIn(commands),
    live: count,
    logged,
    trimmedTo: trimmedTo === "0-0" ? undefined : trimmedTo,
    healed: Object.keys(described).filter((name) => name.startsWith("healed_to:")).length,
    idleSeconds: await idleSeconds(connections),
    keyring: await readKeyring(connections),
  };
}

function isDescribed(described: Readonly<Record<string, string>>): boolean {
  return ["schema_version", "incarnation", "greatest_lifetime_ms", "trimmed_to"].every((name) => name in described);
}

/** Each proof writes the heartbeat; Redis knows when it was last touched. It may keep that to itself. */
async function idleSeconds({ commands }: RedisConnections): Promise<number | undefined> {
  const idle: unknown = await commands.object("IDLETIME", HEARTBEAT).catch(() => undefined);
  return typeof idle === "number" ? idle : undefined;
}

async function readKeyring({ commands }: RedisConnections): Promise<StoredKeyring | undefined> {
  const [version, records] = await answered(commands.hmget(KEYRING, "version", "records"));
  if (typeof version !== "string" || typeof records !== "string") return undefined;
  return { version: Number(version), records };
}

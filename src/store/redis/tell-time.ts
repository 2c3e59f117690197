import type { RedisConnections } from "./connections.ts";
import { REVOCATIONS } from "./keys.ts";
import { decodeTime } from "./log-replies.ts";

/** The time of the node that holds the revocations, in milliseconds since the epoch. @throws AssayError `store_unavailable` */
export async function tellTime(connections: RedisConnections): Promise<number> {
  return decodeTime(await connections.run("assayTellTime", REVOCATIONS.meta));
}

import { once } from "node:events";
import { connect as connectTcp, isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import { reachableLookup } from "../keys/reachable-address.ts";
import type { Receiver } from "./receiver.ts";
import { forbiddenReceiver, whyNotReached } from "./why-not-reached.ts";

const TIMEOUT_MS = 5_000;

/**
 * Connects as for a push, and sends nothing.
 * @returns why the receiver is not reached, or not believed to be who it is; undefined where all is well
 * @throws StartError where a file of it cannot be used
 */
export async function reachReceiver({
  url,
  allowPrivateAddresses,
  credentials,
}: Receiver): Promise<string | undefined> {
  const { ca } = await credentials();
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const isHttps = url.protocol === "https:";
  try {
    const lookup = reachableLookup(url, { allowPrivateAddresses, forbidden: forbiddenReceiver });
    const to = { host, port: Number(url.port === "" ? (isHttps ? 443 : 80) : url.port), lookup };
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = isHttps
      ? connectTls({ ...to, ...name, minVersion: "TLSv1.2", ...(ca === undefined ? {} : { ca }) })
      : connectTcp(to);
    try {
      await once(socket, isHttps ? "secureConnect" : "connect", { signal: AbortSignal.timeout(TIMEOUT_MS) });
    } finally {
      socket.destroy();
    }
    return undefined;
  } catch (error) {
    return whyNotReached(error);
  }
}

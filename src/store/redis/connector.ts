import { BlockList, connect as connectPlainly, Socket } from "node:net";
import { connect as connectSecurely, type ConnectionOptions, type TLSSocket } from "node:tls";
import { AbstractConnector, type RedisOptions } from "ioredis";
import { messageOf } from "./redis-error.ts";
import { formatPlace, type Place } from "./redis-url.ts";

export type Transport = {
  /** Absent: plaintext. */
  tls?: ConnectionOptions | undefined;
  /** Allow plaintext to other machines, too. */
  allowPlaintext: boolean;
};

/** How long what does not end by itself is waited for, when a connection is given up. */
const LEAVE_MS = 100;

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/**
 * The way to a server for ioredis, which would otherwise ask one Sentinel after the other and believe the first.
 * @param locate where the server is now. Undefined: where the client's own options say
 */
export function connectorBy(
  transport: Transport,
  locate?: () => Promise<Place>,
): new (options: unknown) => AbstractConnector {
  return class Connector extends AbstractConnector {
    readonly #own: Place;

    constructor(options: unknown) {
      super(LEAVE_MS);
      this.#own = placeIn(options);
    }

    /** Never rejects, after which ioredis would not try again: what failed is a stream that is closed already. */
    override async connect(): Promise<Socket | TLSSocket> {
      this.connecting = true;
      try {
        const place = await (locate?.() ?? this.#own);
        this.stream = this.connecting ? opened(place, transport) : new Socket().destroy();
      } catch (error) {
        this.firstError = new Error(messageOf(error));
        this.stream = new Socket().destroy();
      }
      this.stream.once("error", (error: Error) => {
        this.firstError = error;
      });
      return this.stream;
    }

    /** A server that follows another since is left: the next look finds the one that leads. */
    override check(info: { role?: string }): boolean {
      return locate === undefined || info.role === undefined || info.role === "master";
    }
  };
}

/** @returns a sentence when nothing may be sent there in the clear. Sentinels and Clusters announce places that no URL names. */
function refusedPlace({ host, port }: Place, { tls, allowPlaintext }: Transport): string | undefined {
  if (tls !== undefined || allowPlaintext || isLoopback(host)) {
    return undefined;
  }
  return (
    `${formatPlace(host, port)} would get everything in the clear: use rediss in store.url, ` +
    "or set store.unsafe_allow_plaintext where the network is trusted"
  );
}

function opened(place: Place, transport: Transport): Socket | TLSSocket {
  const refusal = refusedPlace(place, transport);
  if (refusal !== undefined) {
    throw new Error(refusal);
  }
  return transport.tls === undefined ? connectPlainly(place) : connectSecurely({ ...transport.tls, ...place });
}

function placeIn(options: unknown): Place {
  const { host = "127.0.0.1", port = 6379 }: Pick<RedisOptions, "host" | "port"> = isOptions(options) ? options : {};
  return { host, port };
}

function isOptions(options: unknown): options is RedisOptions {
  return typeof options === "object" && options !== null;
}

function isLoopback(host: string): boolean {
  return host.toLowerCase() === "localhost" || loopback.check(host, host.includes(":") ? "ipv6" : "ipv4");
}

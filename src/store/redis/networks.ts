import type { NetworkStore } from "../../core/ports.ts";
import { halfWindows } from "../half-windows.ts";
import { networksKey } from "./keys.ts";
import type { RevocationsOf } from "./revocations.ts";
import { decodeNetworkCount } from "./script-replies.ts";

/**
 * HyperLogLogs of Redis's own: 14 KB at most, of few networks 200 bytes, which it drops by itself. No replica is waited for: what a
 * failover loses is counted again when the network is seen again.
 */
export function redisNetworks({ connections, gate, clock }: RevocationsOf): NetworkStore {
  return {
    async count(token, network, windowMs) {
      gate.pass();
      const { current, previous, endsAt } = halfWindows(clock.now(), windowMs);
      const keys = [networksKey(token, current), networksKey(token, previous)] as const;
      return decodeNetworkCount(await connections.run("assayCountNetworks", ...keys, network, endsAt));
    },
  };
}

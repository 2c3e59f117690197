/** The way of one instance to a deployment, apart from everybody else's: so that it can be cut off from some, and others from those. */
import { fileURLToPath } from "node:url";
import type { SentinelDeployment, SentinelNode } from "../support/redis-sentinel.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import type { InstanceOptions } from "./instance.ts";

export type OtherSide = {
  /** How an instance on it is started. */
  how: Pick<InstanceOptions, "environment" | "nodeArguments">;
  /** It reaches this server and nothing else any more, the Sentinels neither. */
  cutOffAllBut(node: SentinelNode): void;
  rejoin(): void;
};

const PRELOAD = fileURLToPath(new URL("map-ports.ts", import.meta.url));

export async function otherSideOf(deployment: SentinelDeployment, opened: AsyncDisposableStack): Promise<OtherSide> {
  const ways = await Promise.all([
    ...deployment.nodes.map(async (node) => ({ node, told: node.proxy.port, proxy: await startTcpProxy(node.port) })),
    ...deployment.sentinels.map(async ({ port }) => ({
      node: undefined,
      told: port,
      proxy: await startTcpProxy(port),
    })),
  ]);
  opened.defer(async () => void (await Promise.all(ways.map(({ proxy }) => proxy.close()))));
  const ports = ways.map(({ told, proxy }) => [told, proxy.port]);
  return {
    how: { environment: { CHAOS_PORTS: JSON.stringify(ports) }, nodeArguments: ["--import", PRELOAD] },
    cutOffAllBut(node) {
      for (const way of ways) if (way.node !== node) way.proxy.hold();
    },
    rejoin() {
      for (const { proxy } of ways) proxy.resume();
    },
  };
}

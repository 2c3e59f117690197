import { type ServerWritableStream, status } from "@grpc/grpc-js";
import {
  type HealthCheckRequest,
  HealthCheckResponse_ServingStatus as ServingStatus,
  type HealthCheckResponse,
  type HealthServer,
  HealthService,
} from "../../gen/grpc/health/v1/health.ts";
import type { Service } from "./service.ts";

export type Health = Service & {
  /** Whoever watches is told. */
  setServing(isServing: boolean): void;
};

type Watcher = ServerWritableStream<HealthCheckRequest, HealthCheckResponse>;

/**
 * The standard health service, of services that all serve or do not. Not serving until told otherwise. The package for it reads a proto
 * file at each start, which takes longer than all of ours.
 * @param names what may be asked about: services by their names, and "" for all
 */
export function healthService(names: readonly string[]): Health {
  const watchers = new Set<Watcher>();
  let current: HealthCheckResponse = { status: ServingStatus.NOT_SERVING };

  const implementation: HealthServer = {
    check({ request: { service } }, answer) {
      if (names.includes(service)) answer(null, current);
      else answer({ code: status.NOT_FOUND, details: `Health status unknown for service ${service}` });
    },
    watch(stream) {
      if (!names.includes(stream.request.service)) {
        stream.write({ status: ServingStatus.SERVICE_UNKNOWN });
        return;
      }
      watchers.add(stream);
      for (const event of ["cancelled", "close"]) stream.once(event, () => watchers.delete(stream));
      stream.write(current);
    },
    list: (_call, answer) => answer(null, { statuses: Object.fromEntries(names.map((name) => [name, current])) }),
  };
  return {
    definition: HealthService,
    implementation,
    setServing(isServing) {
      current = { status: isServing ? ServingStatus.SERVING : ServingStatus.NOT_SERVING };
      for (const watcher of watchers) watcher.write(current);
    },
  };
}

import type { EventEmitter } from "node:events";
import type { Server, ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";

/** Streams that only their clients would end, such as a health watch. */
export type OpenStreams = {
  /** A server for a library to add its service to: its streams are known here. */
  followed(server: Server): Pick<Server, "addService">;
  endAll(): void;
};

type Stream = EventEmitter & { end(): void };

export function openStreams(): OpenStreams {
  const open = new Set<Stream>();
  const follow = (stream: Stream): void => {
    open.add(stream);
    for (const event of ["cancelled", "close"]) stream.once(event, () => open.delete(stream));
  };
  return {
    followed: (server) => ({
      addService(definition, implementation) {
        server.addService(definition, followStreams(definition, implementation, follow));
      },
    }),
    endAll() {
      for (const stream of open) stream.end();
    },
  };
}

function followStreams(
  definition: ServiceDefinition,
  implementation: UntypedServiceImplementation,
  follow: (stream: Stream) => void,
): UntypedServiceImplementation {
  const methods = Object.entries(definition).filter(([, method]) => method.responseStream);
  const handlers = methods.map(([name, method]) => {
    const original = implementation[name] ?? implementation[method.originalName ?? name];
    return [
      name,
      (stream: Stream) => {
        follow(stream);
        if (original !== undefined) Reflect.apply(original, implementation, [stream]);
      },
    ];
  });
  return { ...implementation, ...Object.fromEntries(handlers) };
}

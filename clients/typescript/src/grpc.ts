import { createHash } from "node:crypto";
import {
  Metadata,
  type MetadataValue,
  type ServerInterceptingCallInterface,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  ResponderBuilder,
  status,
} from "@grpc/grpc-js";
import type { ActiveIntrospection } from "./introspection.ts";
import {
  authorizer,
  type ProtectOptions,
  type Refusal,
  type ShownRequest,
  type Verdict,
} from "./middleware/authorize.ts";
import type { AssayClient } from "./open-client.ts";

export type { DpopOptions } from "./middleware/authorize.ts";

export type ProtectGrpcOptions = ProtectOptions & {
  /** Methods that need no token, as `/package.Service/Method`. */
  open?: readonly string[] | undefined;
};

type End = Parameters<ServerInterceptingCallInterface["sendStatus"]>[0];

const introspections = new WeakMap<Metadata, ActiveIntrospection>();

/** What the token of a call says that an interceptor of `protect` let through. @throws Error for any other */
export function introspectionOf(call: { metadata: Metadata }): ActiveIntrospection {
  const found = introspections.get(call.metadata);
  if (found === undefined) throw new Error("this call's method is not protected");
  return found;
}

/**
 * A server interceptor that lets only calls through whose token (`authorization` metadata) is active and grants the scopes. Others end
 * UNAUTHENTICATED, PERMISSION_DENIED, INVALID_ARGUMENT or UNAVAILABLE, with the headers of the HTTP answer as trailers.
 */
export function protect(assay: AssayClient, options: ProtectGrpcOptions = {}): ServerInterceptor {
  const authorize = authorizer(assay, options);
  const open = new Set(options.open);
  return ({ path }, call) =>
    open.has(path)
      ? new ServerInterceptingCall(call)
      : guarded(call, (metadata) => authorize(shown(path, metadata, call)));
}

function guarded(
  call: ServerInterceptingCallInterface,
  judge: (metadata: Metadata) => Promise<Verdict>,
): ServerInterceptingCall {
  async function admit(metadata: Metadata, next: (metadata: Metadata) => void): Promise<void> {
    const verdict = await judge(metadata);
    if ("refusal" in verdict) return call.sendStatus(refused(verdict.refusal));
    introspections.set(metadata, verdict.introspection);
    next(metadata);
  }
  const listener = new ServerListenerBuilder()
    .withOnReceiveMetadata((metadata, next) => {
      admit(metadata, next).catch(() => call.sendStatus(unjudged()));
    })
    .build();
  return new ServerInterceptingCall(call, new ResponderBuilder().withStart((next) => next(listener)).build());
}

function shown(path: string, metadata: Metadata, call: ServerInterceptingCallInterface): ShownRequest {
  const certificate = call.getAuthContext().sslPeerCertificate?.raw;
  return {
    authorization: linesOf(metadata.get("authorization")),
    dpop: linesOf(metadata.get("dpop")),
    method: "POST",
    path,
    certificateSha256:
      certificate === undefined ? undefined : createHash("sha256").update(certificate).digest("base64url"),
  };
}

/** Several of one name arrive as several, or as one joined by commas. */
function linesOf(values: readonly MetadataValue[]): string[] {
  return values.flatMap((value) => value.toString().split(",")).map((line) => line.trim());
}

function unjudged(): End {
  return { code: status.INTERNAL, details: "the token could not be judged" };
}

const CODES = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  503: status.UNAVAILABLE,
} as const;

function refused({ status: code, headers, description }: Refusal): {
  code: status;
  details: string;
  metadata: Metadata;
} {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) if (name !== "content-type") metadata.set(name, value);
  return { code: CODES[code], details: description, metadata };
}

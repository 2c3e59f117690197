import { createHash, timingSafeEqual } from "node:crypto";
import type { ServerUnaryCall } from "@grpc/grpc-js";
import type { Caller } from "../../core/caller.ts";
import { AssayError } from "../../core/error.ts";
import { isCallerSecret } from "../../core/token/caller-secret.ts";
import { clientNames } from "./client-names.ts";
import { isLoopback } from "./loopback.ts";

/** A configured caller and by what it is recognised. */
export type KnownCaller = {
  caller: Caller;
  /** `URI:…` and `DNS:…`, matched exactly. */
  certificateNames: readonly string[];
  /** SHA-256 of its secrets. */
  secretDigests: readonly Buffer[];
};

export type AuthenticationOptions = {
  callers: readonly KnownCaller[];
  /** Whoever comes from this machine without credentials. */
  development: Caller | undefined;
  /** All connections come over a Unix socket. */
  isUnixSocket: boolean;
};

type Call = Pick<ServerUnaryCall<unknown, unknown>, "metadata" | "getAuthContext" | "getPeer">;

const BEARER = /^bearer (\S+)$/i;

/**
 * Says who calls: by client certificate, by secret, or both when both name the same. What is presented and not known is refused,
 * even in development.
 * @returns a function that throws AssayError `caller_unknown`
 */
export function authenticator(options: AuthenticationOptions): (call: Call) => Caller {
  const byConnection = new WeakMap<object, Caller | "unknown">();

  return (call) => {
    const byCertificate = callerOfCertificate(call, options.callers, byConnection);
    const bySecret = callerOfSecret(call, options.callers);
    const found = byCertificate ?? bySecret;
    if (found === undefined) return withoutCredentials(call, options);
    const isContradiction = byCertificate !== undefined && bySecret !== undefined && byCertificate !== bySecret;
    if (found === "unknown" || isContradiction)
      throw unknownCaller("the presented credentials match no configured caller");
    return found;
  };
}

/** Undefined when none is presented. Parsed once for each connection: the listener makes its certificate one object. */
function callerOfCertificate(
  call: Call,
  callers: readonly KnownCaller[],
  byConnection: WeakMap<object, Caller | "unknown">,
): Caller | "unknown" | undefined {
  const certificate = call.getAuthContext().sslPeerCertificate;
  if (certificate === undefined) return undefined;
  const remembered = byConnection.get(certificate);
  if (remembered !== undefined) return remembered;
  const names = clientNames(certificate.raw);
  const [known, another] = callers.filter((one) => one.certificateNames.some((name) => names.includes(name)));
  const recognised = known === undefined || another !== undefined ? "unknown" : known.caller;
  byConnection.set(certificate, recognised);
  return recognised;
}

/** Undefined when none is presented. Every digest is compared, so that time does not tell which one came near. */
function callerOfSecret(call: Call, callers: readonly KnownCaller[]): Caller | "unknown" | undefined {
  const values = call.metadata.get("authorization");
  if (values.length === 0) return undefined;
  const [, secret] = BEARER.exec(String(values[0])) ?? [];
  if (values.length > 1 || secret === undefined || !isCallerSecret(secret)) return "unknown";
  const digest = createHash("sha256").update(secret).digest();
  let found: Caller | "unknown" = "unknown";
  for (const { caller, secretDigests } of callers) {
    for (const candidate of secretDigests) if (timingSafeEqual(candidate, digest)) found = caller;
  }
  return found;
}

function withoutCredentials(call: Call, { development, isUnixSocket }: AuthenticationOptions): Caller {
  if (development !== undefined && (isUnixSocket || isLoopback(hostOf(call.getPeer())))) return development;
  throw unknownCaller("no credentials were presented");
}

function hostOf(peer: string): string {
  return peer.slice(0, peer.lastIndexOf(":"));
}

function unknownCaller(what: string): AssayError {
  return new AssayError(
    "caller_unknown",
    `${what}: present a client certificate whose name is in a caller's certificate_san, or 'authorization: Bearer asy_cs_…' whose SHA-256 is in a caller's secret_sha256`,
  );
}

import { createHash, timingSafeEqual } from "node:crypto";
import type { MetadataValue, ServerUnaryCall } from "@grpc/grpc-js";
import type { AtOnce } from "../../core/at-once.ts";
import { unlessGone } from "../../core/call.ts";
import type { Caller } from "../../core/caller.ts";
import { AssayError } from "../../core/error.ts";
import { isCallerSecret } from "../../core/token/caller-secret.ts";
import { verifiedTogether, type VerifyCallerToken } from "./caller-tokens.ts";
import { clientNames } from "./client-names.ts";
import { connectionOf } from "./http2-stream.ts";
import { isLoopback } from "./loopback.ts";
import { type Watched, watchedCall } from "./watched-call.ts";

/** A configured caller and by what it is recognised. */
export type KnownCaller = {
  caller: Caller;
  /** `URI:…` and `DNS:…`, matched exactly. */
  certificateNames: readonly string[];
  /** SHA-256 of its secrets. */
  secretDigests: readonly Buffer[];
  /** Exact `iss` and `sub` of its own JWTs. */
  token?: { iss: string; sub: string };
  /** It is whoever can open the Unix socket. */
  isUnixSocket: boolean;
};

export type AuthenticationOptions = {
  callers: readonly KnownCaller[];
  /** Whoever comes from this machine without credentials. */
  development: Caller | undefined;
  /** Absent: no caller is recognised by a JWT. */
  verifyCallerToken?: VerifyCallerToken;
  /** All connections come over a Unix socket. */
  isUnixSocket: boolean;
};

export type Authenticate = (call: Call) => AtOnce<Caller>;

type Call = Pick<ServerUnaryCall<unknown, unknown>, "metadata" | "getAuthContext" | "getPeer"> & Watched;
type Finding = Caller | "unknown";
/** What a connection presented last, and who that is. */
type Presented = { credential: Buffer | undefined; caller: Caller };

const SCHEME = "bearer ";
const WHITE_SPACE = /\s/;
const NOBODY = Buffer.alloc(0);

/**
 * Says who calls: by client certificate, by secret or token, by the socket, or several when all name the same. What is presented and
 * not known is refused, even in development. Nothing else in a request can change who its caller is.
 * @returns a function that throws AssayError `caller_unknown`, `keys_unavailable`, `store_unavailable`, `call_gone`
 */
export function authenticator(options: AuthenticationOptions): Authenticate {
  const { callers, isUnixSocket } = options;
  const known = knownConnections();
  const byCertificate = certificateAuthentication(callers);
  const byToken = tokenAuthentication(options);
  const bySocket = isUnixSocket ? callers.find((caller) => caller.isUnixSocket)?.caller : undefined;

  return (call) => {
    const credentials = call.metadata.get("authorization");
    const before = known.callerOf(call, credentials);
    if (before !== undefined) return before;
    const certified = byCertificate(call);
    const bearer = bearerOf(credentials);
    if (credentials.length === 0 || isCallerSecret(bearer)) {
      const presented = credentials.length === 0 ? undefined : callerOfSecret(bearer, callers);
      return known.remember(call, credentials, agreed(call, options, certified, bySocket, presented));
    }
    // Judged anew at every call.
    const verified = unlessGone(watchedCall(call), () => byToken(bearer));
    return verified.then((caller) => agreed(call, options, certified, bySocket, caller));
  };
}

/** All that is presented must name the same caller. */
function agreed(call: Call, options: AuthenticationOptions, ...findings: (Finding | undefined)[]): Caller {
  const [found, ...others] = findings.filter((finding) => finding !== undefined);
  if (found === undefined) return withoutCredentials(call, options);
  if (found === "unknown" || others.some((other) => other !== found))
    throw unknownCaller("the presented credentials match no configured caller");
  return found;
}

/**
 * Who a connection was, for as long as it presents the same: its certificate and its peer stay. What it presents is recognised by
 * its bytes, whose comparison tells as little as that of digests.
 */
function knownConnections() {
  const byConnection = new WeakMap<object, Presented>();
  return {
    callerOf: (call: Call, credentials: readonly MetadataValue[]): Caller | undefined => {
      const connection = connectionOf(call);
      const last = connection === undefined ? undefined : byConnection.get(connection);
      return last !== undefined && isSame(bytesOf(credentials), last.credential) ? last.caller : undefined;
    },
    remember: (call: Call, credentials: readonly MetadataValue[], caller: Caller): Caller => {
      const connection = connectionOf(call);
      const credential = bytesOf(credentials);
      if (connection !== undefined)
        byConnection.set(connection, { credential: credential && ownCopy(credential), caller });
      return caller;
    },
  };
}

/** Undefined where there is none; empty where there are several, as which nobody is known. */
function bytesOf([only, another]: readonly MetadataValue[]): Buffer | undefined {
  if (only === undefined) return undefined;
  return another === undefined ? Buffer.from(only) : NOBODY;
}

/** A piece of a pool would keep the whole of it, for as long as the connection is open. */
function ownCopy(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

function isSame(presented: Buffer | undefined, known: Buffer | undefined): boolean {
  if (presented === undefined || known === undefined) return presented === known;
  return presented.length > 0 && presented.length === known.length && timingSafeEqual(presented, known);
}

/** Undefined when none is presented. Parsed once for each connection: the listener makes its certificate one object. */
function certificateAuthentication(callers: readonly KnownCaller[]): (call: Call) => Finding | undefined {
  const byConnection = new WeakMap<object, Finding>();
  return (call) => {
    const certificate = call.getAuthContext().sslPeerCertificate;
    if (certificate === undefined) return undefined;
    const remembered = byConnection.get(certificate);
    if (remembered !== undefined) return remembered;
    const names = clientNames(certificate.raw);
    const [known, another] = callers.filter((one) => one.certificateNames.some((name) => names.includes(name)));
    const recognised = known === undefined || another !== undefined ? "unknown" : known.caller;
    byConnection.set(certificate, recognised);
    return recognised;
  };
}

/** Empty when it is not one bearer credential. */
function bearerOf(credentials: readonly MetadataValue[]): string {
  const [only = "", another] = credentials;
  const text = only.toString();
  if (another !== undefined || text.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return "";
  const bearer = text.slice(SCHEME.length);
  return WHITE_SPACE.test(bearer) ? "" : bearer;
}

/** Every digest is compared, so that time does not tell which one came near. */
function callerOfSecret(secret: string, callers: readonly KnownCaller[]): Finding {
  const digest = createHash("sha256").update(secret).digest();
  let found: Finding = "unknown";
  for (const { caller, secretDigests } of callers) {
    for (const candidate of secretDigests) if (timingSafeEqual(candidate, digest)) found = caller;
  }
  return found;
}

function tokenAuthentication({ callers, verifyCallerToken }: AuthenticationOptions) {
  if (verifyCallerToken === undefined) return async (): Promise<Finding> => "unknown";
  const verify = verifiedTogether(
    verifyCallerToken,
    (iss, sub) => callers.find(({ token }) => token?.iss === iss && token.sub === sub)?.caller,
  );
  return async (token: string): Promise<Finding> => (token === "" ? "unknown" : ((await verify(token)) ?? "unknown"));
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
    `${what}: present a client certificate whose name is in a caller's certificate_san, or 'authorization: Bearer …' with a secret whose SHA-256 is in a caller's secret_sha256, or with a JWT of the issuer and subject in a caller's jwt`,
  );
}

/**
 * A gRPC client that shares no code with the server: messages are encoded and decoded by @grpc/proto-loader from the proto files.
 *
 * Fields have the contract's names. Absent fields are absent from answers, so an inactive answer is `{}`. `claims` and `act` are
 * plain JSON both ways. A failed call rejects with a `CallError`.
 */
import { type ChannelCredentials, Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { CallError, itemError } from "./call-error.ts";
import { type Method, method } from "./contract.ts";
import {
  type Confirmation,
  type ContextInput,
  type Introspected,
  type IntrospectedMessage,
  type IntrospectInput,
  plainClaims,
  type ProofInput,
} from "./introspected.ts";
import { openItemStream, type TestItemStream } from "./item-stream.ts";
import { recordTokensIn } from "./leaks/record.ts";
import { openSignalWatch, type SignalWatchInput, type TestSignalWatch } from "./signal-watch.ts";
import { type Json, structOf } from "./struct.ts";
import { openWatch, type TestWatch, type WatchInput } from "./watch.ts";

type BatchMessage = { responses?: IntrospectedMessage[]; failures?: { index?: number; status: object }[] };

export type IssuedTokens = {
  access_token: string;
  token_type: string;
  expires_in: number;
  refresh_token?: string;
  refresh_expires_in?: number;
  scope?: string;
  issued_token_type: string;
  sid: string;
};
export type MintInput = {
  client_id?: string;
  subject?: string;
  scope?: string;
  audience?: string[];
  format?: "JWT" | "OPAQUE";
  lifetime?: { seconds?: number; nanos?: number };
  refresh?: boolean;
  cnf?: Confirmation;
  claims?: { [name: string]: Json };
  auth_time?: number;
  acr?: string;
  amr?: string[];
  context?: ContextInput;
};
type RefreshInput = {
  refresh_token?: string;
  client_id?: string;
  scope?: string;
  context?: ContextInput;
  proof?: ProofInput;
};
type ExchangeInput = {
  client_id?: string;
  subject_token?: string;
  subject_token_type?: string;
  actor_token?: string;
  actor_token_type?: string;
  audience?: string[];
  scope?: string;
  requested_token_type?: string;
  context?: ContextInput;
  proof?: ProofInput;
};
type RevokeInput = {
  token?: string;
  token_id?: { iss?: string; jti?: string };
  sid?: string;
  subject?: { iss?: string; sub?: string };
  client_id?: string;
  key_id?: string;
  issuer?: string;
  token_type_hint?: string;
  iss?: string;
  born_at_or_before?: number;
  reason?: string;
};
export type BatchIntrospected = {
  responses: Introspected[];
  /** By the place of the request. */
  failures: ReadonlyMap<number, CallError>;
};

/** `signal` cancels the call. */
export type CallOptions = { deadline?: Date; metadata?: Metadata; signal?: AbortSignal };
export type ClientOptions = {
  /** Sent as `authorization: Bearer …`. */
  secret?: string;
  /** Plaintext when absent. PEM. */
  tls?: { ca: string; certificate?: string; key?: string };
  /** Else clients of one address and one kind share one. */
  ownConnection?: boolean;
};

type Joined = {
  issuer: string;
  selector_key: Buffer;
  fingerprint_key: Buffer;
  nonce_key: Buffer;
  access_max_lifetime: { seconds: number };
  leeway: { seconds: number };
};

export type TestClient = {
  introspect(request: IntrospectInput, options?: CallOptions): Promise<Introspected>;
  batchIntrospect(requests: readonly IntrospectInput[], options?: CallOptions): Promise<BatchIntrospected>;
  /** Goes on until it is ended or cancelled, or the client closed. */
  introspectStream(options?: Omit<CallOptions, "signal">): TestItemStream;
  revoke(request: RevokeInput, options?: CallOptions): Promise<{ revision?: string; durability?: string }>;
  issue(
    request: { mint?: MintInput; refresh?: RefreshInput; exchange?: ExchangeInput },
    options?: CallOptions,
  ): Promise<IssuedTokens>;
  getJwks(options?: CallOptions): Promise<{ jwks: string; cacheable_for: { seconds: number } }>;
  /** Goes on until it is cancelled, or the client closed. */
  watch(request?: WatchInput, options?: { isPaused?: boolean }): TestWatch;
  watchSignals(request?: SignalWatchInput): TestSignalWatch;
  join(): Promise<Joined>;
  sync(request?: { at_least_as_fresh?: string }): Promise<{
    revision: string;
    store_time_ms: number;
    proved_at_ms: number;
  }>;
  recognise(request: { token?: string }): Promise<{ claims?: string; standing?: string; key_id?: string }>;
  countNetworks(request: {
    token?: Buffer;
    network?: Buffer;
    window?: { seconds?: number; nanos?: number };
  }): Promise<{ count?: number }>;
  rememberProof(request: { key?: Buffer; request?: Buffer; expires_at_ms?: number }): Promise<{ use?: string }>;
  reportSignals(signals: readonly object[]): Promise<{ taken?: number }>;
  /** Sends a request that may be any bytes, and answers with the bytes of the answer and its trailing metadata. */
  raw(name: Method, request: Uint8Array, options?: CallOptions): Promise<{ bytes: Buffer; trailers: Metadata }>;
  /** The bytes of a request, to be altered and sent with `raw`. */
  encode(name: Method, request: object): Buffer;
  close(): void;
};

export function openClient(address: string, options: ClientOptions = {}): TestClient {
  const channel = new Client(address, channelCredentials(options), {
    "grpc.enable_retries": 0,
    ...(options.ownConnection === true ? { "grpc.use_local_subchannel_pool": 1 } : {}),
    // An address is no server name (RFC 6066 section 3), and Node refuses to send it as one.
    ...(options.tls === undefined ? {} : { "grpc.ssl_target_name_override": "localhost" }),
  });
  const raw: TestClient["raw"] = (name, request, call) => send(channel, name, request, withSecret(options, call));
  const call = async (name: Method, request: object, callOptions?: CallOptions) =>
    method(name).responseDeserialize((await raw(name, encode(name, request), callOptions)).bytes);

  return {
    introspect: async (request, callOptions) => plainClaims(await call("Introspect", request, callOptions)),
    batchIntrospect: async (requests, callOptions) =>
      batchIntrospected(await call("BatchIntrospect", { requests }, callOptions)),
    introspectStream: (callOptions) => openItemStream(channel, withSecret(options, callOptions)),
    revoke: (request, callOptions) => call("Revoke", request, callOptions),
    issue: ({ mint, ...grant }, callOptions) =>
      call("Issue", mint === undefined ? grant : { ...grant, mint: mintMessage(mint) }, callOptions),
    getJwks: (callOptions) => call("GetJwks", {}, callOptions),
    watch: (request = {}, { isPaused = false } = {}) =>
      openWatch(channel, request, withSecret(options).metadata, isPaused),
    watchSignals: (request = {}) => openSignalWatch(channel, request, withSecret(options).metadata),
    join: () => call("Join", {}),
    sync: (request = {}) => call("Sync", request),
    recognise: (request) => call("Recognise", request),
    countNetworks: (request) => call("CountNetworks", request),
    rememberProof: (request) => call("RememberProof", request),
    reportSignals: (signals) => call("ReportSignals", { signals }),
    raw,
    encode,
    close: () => channel.close(),
  };
}

function encode(name: Method, request: object): Buffer {
  return method(name).requestSerialize(request);
}

function pass(bytes: Buffer): Buffer {
  return bytes;
}

/** A mint as the contract's message: what `encode("Issue", { mint })` takes. */
export function mintMessage({ claims, format, ...mint }: MintInput): object {
  return {
    ...mint,
    ...(format === undefined ? {} : { format: `TOKEN_FORMAT_${format}` }),
    ...(claims === undefined ? {} : { claims: structOf(claims) }),
  };
}

function batchIntrospected({ responses = [], failures = [] }: BatchMessage): BatchIntrospected {
  return {
    responses: responses.map(plainClaims),
    failures: new Map(failures.map(({ index = 0, status }) => [index, itemError(status)])),
  };
}

function send(
  channel: Client,
  name: Method,
  request: Uint8Array,
  { metadata, deadline, signal }: CallOptions & { metadata: Metadata },
): Promise<{ bytes: Buffer; trailers: Metadata }> {
  recordTokensIn(request);
  return new Promise((resolve, reject) => {
    let trailers = new Metadata();
    const done = (error: ServiceError | null, bytes?: Buffer): void => {
      recordTokensIn(bytes ?? "");
      if (error !== null) reject(new CallError(error));
      // The status comes after the message and before the promise is heard.
      else setImmediate(() => resolve({ bytes: bytes ?? Buffer.alloc(0), trailers }));
    };
    const options = deadline === undefined ? {} : { deadline };
    const call = channel
      .makeUnaryRequest(method(name).path, pass, pass, Buffer.from(request), metadata, options, done)
      .on("status", (end) => {
        trailers = end.metadata;
      });
    signal?.addEventListener("abort", () => call.cancel());
  });
}

function withSecret({ secret }: ClientOptions, { metadata, ...others }: CallOptions = {}) {
  const all = metadata?.clone() ?? new Metadata();
  if (secret !== undefined) all.set("authorization", `Bearer ${secret}`);
  recordTokensIn(all.get("authorization").join());
  return { metadata: all, ...others };
}

function channelCredentials({ tls }: ClientOptions): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  const { ca, certificate, key } = tls;
  const own = certificate === undefined || key === undefined ? [] : [Buffer.from(key), Buffer.from(certificate)];
  return credentials.createSsl(Buffer.from(ca), ...own);
}

/** An authority as an attacker, or a fault, would make one: it joins like an honest one, and tells what the test says. */
import { randomBytes } from "node:crypto";
import {
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type UntypedHandleCall,
} from "@grpc/grpc-js";
import { onTestFinished } from "vitest";
import { type Method, method } from "./contract.ts";
import { ISSUER } from "./server.ts";

export type Lies = {
  /** Told as soon as somebody watches. */
  steps?: () => object[];
  /** Each stream of revocations, as soon as somebody watches. */
  watched?: (stream: ServerWritableStream<unknown, unknown>) => void;
  /** In place of what Join and Sync would answer. */
  joined?: () => object;
  synced?: () => object | Promise<object>;
  /** What its store's clock says besides the time. */
  aheadMs?: number;
  /** How long ago it proved what `Sync` answers; negative for the future. */
  provedForMs?: number;
  /** The answer of Recognise. */
  recognised?: object | (() => object);
  /** How many networks it counts, whatever it is told. */
  networks?: number;
  /** Called for each Revoke, which is then answered as if it had been done, but for what it returns. */
  revoked?: () => unknown;
};

const REVISION = revisionAt(1);

/** @returns where it listens; it is gone when the test has finished */
export async function startLyingAuthority({
  steps = () => [],
  watched = () => undefined,
  joined = () => ({}),
  synced = () => ({}),
  aheadMs = 0,
  provedForMs = 0,
  recognised = {},
  networks = 1,
  revoked = () => undefined,
}: Lies): Promise<string> {
  const keys = { selector_key: randomBytes(32), fingerprint_key: randomBytes(32), nonce_key: randomBytes(32) };
  const now = (): number => Date.now() + aheadMs;
  const server = new Server();
  server.addService(definitions("Join", "Sync", "Recognise", "CountNetworks"), {
    Join: unary(() => ({
      issuer: ISSUER,
      ...keys,
      access_max_lifetime: { seconds: 3_600 },
      leeway: { seconds: 10 },
      ...joined(),
    })),
    Sync: unary(async () => {
      const lies = await synced();
      return { revision: REVISION, store_time_ms: now(), proved_at_ms: now() - provedForMs, ...lies };
    }),
    CountNetworks: unary(() => ({ count: networks })),
    Recognise: unary(() => (typeof recognised === "function" ? recognised() : recognised)),
  });
  server.addService(definitions("WatchRevocations", "GetJwks", "Revoke"), {
    WatchRevocations: (call: ServerWritableStream<unknown, unknown>) => {
      for (const step of steps()) call.write(step);
      watched(call);
    },
    Revoke: unary(() => {
      const lies = revoked();
      const honest = { revision: REVISION, durability: "DURABILITY_LOCAL" };
      return typeof lies === "object" ? { ...honest, ...lies } : honest;
    }),
    GetJwks: unary(() => ({ jwks: '{"keys":[]}', cacheable_for: { seconds: 60 } })),
  });
  onTestFinished(() => server.forceShutdown());
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return `127.0.0.1:${port}`;
}

export function revisionAt(position: number): string {
  return `00000000-0000-4000-8000-000000000000/${position}-0`;
}

/** A step that proves, as an honest authority tells it, but for what is replaced. */
export function provingStep(lies: object = {}): object {
  return { revision: REVISION, proved_at_ms: Date.now() - 5, from_beginning: true, revocations: [], ...lies };
}

function definitions(...names: Method[]) {
  return Object.fromEntries(names.map((name) => [name, method(name)]));
}

function unary(answer: () => object | Promise<object>): UntypedHandleCall {
  return (_call: ServerUnaryCall<unknown, unknown>, respond: sendUnaryData<unknown>) => {
    void Promise.resolve(answer()).then((message) => respond(null, message));
  };
}

/** What the interceptor of a grpc-js server lets through, and how it ends other calls. */
import { Client, credentials, Metadata, Server, ServerCredentials, type ServiceError, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { introspectionOf, protect, type ProtectGrpcOptions } from "../src/grpc.ts";
import type { AssayClient } from "../src/index.ts";
import { NOWHERE, openTestClient, type Served, serveAssay } from "./support/served.ts";

type Ended = { code: number; challenge: unknown; retryAfter: unknown; text: string };
type Call = (method: "Who" | "Health", token?: string) => Promise<Ended>;

const pass = (bytes: Buffer): Buffer => bytes;

let assay: Served;
beforeAll(async () => {
  assay = await serveAssay({}, afterAll);
});

/** `Who` answers with the token's subject, and `Health` needs no token. */
async function serve(client: AssayClient, options: ProtectGrpcOptions = {}): Promise<Call> {
  const rules = { realm: "orders", requiredScopes: ["read"], open: ["/orders.Orders/Health"], ...options };
  const server = new Server({ interceptors: [protect(client, rules)] });
  const unary = { requestStream: false, responseStream: false } as const;
  const coded = {
    requestSerialize: pass,
    requestDeserialize: pass,
    responseSerialize: pass,
    responseDeserialize: pass,
  };
  server.addService(
    {
      who: { path: "/orders.Orders/Who", ...unary, ...coded },
      health: { path: "/orders.Orders/Health", ...unary, ...coded },
    },
    {
      who: (call: { metadata: Metadata }, respond: (error: null, bytes: Buffer) => void) =>
        respond(null, Buffer.from(introspectionOf(call).sub ?? "")),
      health: (_call: unknown, respond: (error: null, bytes: Buffer) => void) => respond(null, Buffer.from("well")),
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  const caller = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  onTestFinished(() => {
    caller.close();
    server.forceShutdown();
  });
  return (method, token) => endOf(caller, `/orders.Orders/${method}`, token);
}

function endOf(caller: Client, path: string, token: string | undefined): Promise<Ended> {
  const metadata = new Metadata();
  if (token !== undefined) metadata.set("authorization", `Bearer ${token}`);
  return new Promise((resolve) => {
    caller.makeUnaryRequest(path, pass, pass, Buffer.alloc(0), metadata, (error: ServiceError | null, bytes) => {
      const trailers = error?.metadata;
      resolve({
        code: error?.code ?? status.OK,
        challenge: trailers?.get("www-authenticate")[0],
        retryAfter: trailers?.get("retry-after")[0],
        text: bytes?.toString() ?? "",
      });
    });
  });
}

test("an active token with the scope is let through, and its claims are at hand", async () => {
  const ask = await serve(assay.client());
  expect(await ask("Who", await assay.token())).toMatchObject({ code: status.OK, text: "alice" });
});

test("a call without a token is challenged without an error, and one that needs none goes through", async () => {
  const ask = await serve(assay.client());
  expect(await ask("Who")).toMatchObject({ code: status.UNAUTHENTICATED, challenge: 'Bearer realm="orders"' });
  expect(await ask("Health")).toMatchObject({ code: status.OK, text: "well" });
});

test("a token that is not active is invalid, and one that grants too little is told which scopes are needed", async () => {
  const [ask, strict] = [await serve(assay.client()), await serve(assay.client(), { requiredScopes: ["write"] })];
  const invalid = { code: status.UNAUTHENTICATED, challenge: expect.stringContaining('error="invalid_token"') };
  expect(await ask("Who", "x")).toMatchObject(invalid);
  const insufficient = { code: status.PERMISSION_DENIED, challenge: expect.stringContaining('scope="write"') };
  expect(await strict("Who", await assay.token())).toMatchObject(insufficient);
});

test("what is no token is malformed", async () => {
  const ask = await serve(assay.client());
  expect(await ask("Who", "a b")).toMatchObject({ code: status.INVALID_ARGUMENT });
});

test("while the service cannot say, nobody is let through, and everybody is told when to come back", async () => {
  const ask = await serve(openTestClient({ address: NOWHERE, deadlineMs: 100 }));
  expect(await ask("Who", await assay.token())).toMatchObject({ code: status.UNAVAILABLE, retryAfter: "1" });
});

test("a fault of how the server is set up is its error, and nobody is let through", async () => {
  const ask = await serve(assay.client(), { audience: ["https://elsewhere.example"] });
  expect(await ask("Who", await assay.token())).toMatchObject({ code: status.INTERNAL, text: "" });
});

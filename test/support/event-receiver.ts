/** A real receiver of Security Event Tokens over HTTPS, with a certificate of its own authority, stopped when the test has finished. */
import { once } from "node:events";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { Socket } from "node:net";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { onTestFinished } from "vitest";
import { z } from "zod";
import type { ConfigInput } from "../../src/config/schema.ts";
import { makeCertificates } from "./certificates.ts";
import { eventually } from "./eventually.ts";
import { recordTokensIn } from "./leaks/record.ts";
import { type AtEnd, temporaryDirectory } from "./temporary-directory.ts";

const setClaims = z.looseObject({
  iss: z.string(),
  iat: z.number(),
  jti: z.string(),
  aud: z.string(),
  txn: z.string(),
  sub_id: z.record(z.string(), z.unknown()),
  events: z.record(z.string(), z.record(z.string(), z.unknown())),
});

export type Delivered = {
  set: string;
  header: { typ?: string | undefined; alg?: string | undefined; kid?: string | undefined };
  claims: z.infer<typeof setClaims>;
  /** The last part of its type: `session-revoked`, `signal`. */
  name: string;
  /** What its type holds. */
  event: Readonly<Record<string, unknown>>;
  method: string | undefined;
  path: string | undefined;
  headers: IncomingHttpHeaders;
};

export type Answer = (response: ServerResponse) => unknown;

export type EventReceiver = {
  url: string;
  caFile: string;
  /** All that came, repeated ones too. */
  delivered: Delivered[];
  /** Waits for so many. */
  deliveries(count: number): Promise<Delivered[]>;
  /** How to answer from now on, where nothing is said in `next`: 202. */
  answer: Answer;
  /** How to answer the next, in their order. */
  next: Answer[];
  /** Connections that were made. */
  connections(): number;
  /** Ends every connection, and takes no more. */
  down(): Promise<void>;
  /** On the same port again. */
  up(): Promise<void>;
};

export const AUDIENCE = "https://siem.example/events";

export const accepted: Answer = (response) => void response.writeHead(202).end();

/** Nothing is answered. */
export const frozen: Answer = () => undefined;

export function status(code: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => void response.writeHead(code, headers).end();
}

/** RFC 8935 section 2.3. */
export function refusing(err: string, description = "no"): Answer {
  return (response) =>
    void response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify({ err, description }));
}

export async function startEventReceiver(atEnd: AtEnd = onTestFinished): Promise<EventReceiver> {
  const directory = await temporaryDirectory(atEnd);
  const { caFile, server: pair } = await makeCertificates(directory);
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ cert: pair.certificate, key: pair.key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method, url: path, headers } = request;
      receiver.delivered.push({ ...read(Buffer.concat(chunks).toString()), method, path, headers });
      (receiver.next.shift() ?? receiver.answer)(response);
    });
  });
  server.on("connection", (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const listen = async (port: number): Promise<number> => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
    return address.port;
  };
  const down = async (): Promise<void> => {
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const port = await listen(0);
  atEnd(async () => {
    if (server.listening) await down();
  });
  const receiver: EventReceiver = {
    url: `https://localhost:${port}/events`,
    caFile,
    delivered: [],
    deliveries: (count) =>
      eventually(`${count} events are delivered`, () =>
        receiver.delivered.length >= count ? receiver.delivered : undefined,
      ),
    answer: accepted,
    next: [],
    connections: () => connections,
    down,
    up: async () => void (await listen(port)),
  };
  return receiver;
}

type ReceiverInput = NonNullable<NonNullable<ConfigInput["events"]>["receivers"]>[number];

/** The configuration's section that has it told. */
export function tellTo(
  { url, caFile }: Pick<EventReceiver, "url" | "caFile">,
  changes: Partial<ReceiverInput> = {},
): NonNullable<ConfigInput["events"]> {
  const receiver = { name: "siem", url, audience: AUDIENCE, ca_file: caFile, allow_private_addresses: true };
  return { receivers: [{ ...receiver, ...changes }] };
}

function read(set: string): Pick<Delivered, "set" | "header" | "claims" | "name" | "event"> {
  recordTokensIn(set);
  const claims = setClaims.parse(decodeJwt(set));
  const [[type, event] = ["", {}]] = Object.entries(claims.events);
  return { set, header: decodeProtectedHeader(set), claims, name: type.split(/[/:]/).at(-1) ?? "", event };
}

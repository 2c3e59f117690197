import { randomBytes } from "node:crypto";
import { z } from "zod";
import { startChild } from "../child-process.ts";
import type { Http1Caller } from "./http1-load.ts";

export type OidcProvider = {
  pid: number;
  port: number;
  /** A new opaque access token, by client credentials. */
  token(): Promise<string>;
  revoke(token: string): Promise<void>;
  /** The whole HTTP request that asks about a token. */
  introspection(token: string): Buffer;
  stop(): Promise<void>;
};

const SCOPE = "read";
const tokenResponse = z.object({ access_token: z.string() });

export async function startOidcProvider(audience: string): Promise<OidcProvider> {
  const secret = randomBytes(32).toString("base64url");
  const script = new URL("oidc-provider-process.ts", import.meta.url).pathname;
  const child = await startChild(
    [script, JSON.stringify({ secret, audience, scope: SCOPE })],
    { NODE_ENV: "production" },
    (line) => /^\d+$/.test(line),
    { on: "server" },
  );
  const port = Number(child.firstLine);
  const authorization = `Basic ${Buffer.from(`bench:${secret}`).toString("base64")}`;
  const post = async (path: string, form: Record<string, string>): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST",
      headers: { authorization },
      body: new URLSearchParams(form),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`node-oidc-provider answered ${response.status}: ${text}`);
    return text;
  };
  return {
    pid: child.pid,
    port,
    token: async () => {
      const form = { grant_type: "client_credentials", resource: audience, scope: SCOPE };
      return tokenResponse.parse(JSON.parse(await post("/token", form))).access_token;
    },
    revoke: async (token) => {
      await post("/token/revocation", { token });
    },
    introspection: (token) => requestFor(token, port, authorization),
    stop: () => child.stop(),
  };
}

/** @param isActive what the answer must say of the token at that place */
export function introspectingOverHttp1(
  requests: readonly Buffer[],
  isActive: (index: number) => boolean,
  { first, step }: { first: number; step: number },
): Http1Caller {
  let index = first;
  return {
    next: () => requests[(index = (index + step) % requests.length)] ?? Buffer.alloc(0),
    check: (body) => {
      const answer = body.toString("latin1");
      if (answer.startsWith('{"active":true,') !== isActive(index)) throw new Error(`token ${index} got ${answer}`);
    },
  };
}

function requestFor(token: string, port: number, authorization: string): Buffer {
  const body = `token=${encodeURIComponent(token)}`;
  const head = [
    "POST /token/introspection HTTP/1.1",
    `host: 127.0.0.1:${port}`,
    `authorization: ${authorization}`,
    "content-type: application/x-www-form-urlencoded",
    `content-length: ${body.length}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`, "latin1");
}

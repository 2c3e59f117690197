import type { IncomingMessage, RequestOptions } from "node:http";
import { get as getHttps } from "node:https";
import { freshnessOf } from "./cache-control.ts";
import { KeyFetchError } from "./key-fetch-error.ts";
import { reachableLookup } from "./reachable-address.ts";

/** An import of it would load undici too, for a name that nobody asks for: 25 ms of each start. */
const { get: getHttp } = process.getBuiltinModule("node:http");

/** What the peer controls is bounded: where the answer comes from, how long it takes, how much it holds. */
export type FetchBounds = { signal: AbortSignal; maxBytes: number; allowPrivateAddresses: boolean };

export type FetchedJson = {
  json: unknown;
  /** Milliseconds that the answer says it is fresh for (RFC 9111 section 4.2); undefined when it does not say. */
  freshFor: number | undefined;
};

/** A redirect is an answer like any other that is not 200: it could lead anywhere. @throws KeyFetchError */
export async function fetchJson(url: URL, bounds: FetchBounds): Promise<FetchedJson> {
  const response = await answerFrom(url, bounds);
  try {
    if (response.statusCode !== 200) {
      const status = response.statusCode ?? 0;
      const hint = status >= 300 && status < 400 ? " (a redirect is not followed: name the address itself)" : "";
      throw new KeyFetchError("status", `${url.href} answered ${status}${hint}`, { status });
    }
    if (response.headers["content-encoding"] !== undefined)
      throw new KeyFetchError("unfit", `${url.href} answered in a content-encoding that was not asked for`);
    const text = await readText(url, response, bounds);
    return { json: parse(url, text), freshFor: freshnessOf(response.headers) };
  } finally {
    response.destroy();
  }
}

/** A connection of its own each time, so that each is to an address that was looked up and checked now. */
function answerFrom(url: URL, { signal, allowPrivateAddresses }: FetchBounds): Promise<IncomingMessage> {
  const options: RequestOptions = {
    agent: false,
    signal,
    lookup: reachableLookup(url, { allowPrivateAddresses, forbidden: forbiddenAddress }),
    headers: { accept: "application/json, application/jwk-set+json", "accept-encoding": "identity" },
  };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const get = url.protocol === "https:" ? getHttps : getHttp;
  get(url, options, resolve).on("error", (cause) => reject(failed(url, signal, cause)));
  return promise;
}

function forbiddenAddress(hostname: string): KeyFetchError {
  return new KeyFetchError(
    "forbidden_address",
    `${hostname} has no public address: if its keys are meant to come from there, set keys.allow_private_addresses for this issuer`,
  );
}

async function readText(url: URL, response: IncomingMessage, { signal, maxBytes }: FetchBounds): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      if (!(chunk instanceof Uint8Array)) continue;
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw new KeyFetchError("too_large", `${url.href} answered more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (cause) {
    throw failed(url, signal, cause);
  }
  return decode(url, Buffer.concat(chunks));
}

function decode(url: URL, bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new KeyFetchError("unfit", `${url.href} answered something that is not UTF-8`);
  }
}

function parse(url: URL, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the cause, which quotes what it read.
    throw new KeyFetchError("unfit", `${url.href} answered something that is not JSON`);
  }
}

function failed(url: URL, signal: AbortSignal, cause: unknown): KeyFetchError {
  if (cause instanceof KeyFetchError) return cause;
  if (signal.aborted) return new KeyFetchError("timeout", `${url.href} did not answer within the timeout`);
  return new KeyFetchError("unreachable", `${url.href} could not be fetched`, { cause });
}

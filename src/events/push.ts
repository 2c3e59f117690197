import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { reachableLookup } from "../keys/reachable-address.ts";
import { type Answer, judgeAnswer, type PushOutcome } from "./judge-answer.ts";
import type { Receiver } from "./receiver.ts";
import { codeOf, forbiddenReceiver, whyNotReached } from "./why-not-reached.ts";

/** An import of it would load undici too (see `keys/fetch-json.ts`). */
const { Agent: HttpAgent, request: requestHttp } = process.getBuiltinModule("node:http");

const TIMEOUT_MS = 10_000;
/** More of an answer says nothing that is read. */
const GREATEST_ANSWER = 16_384;
const IDLE_MS = 15_000;

/** Sends Security Event Tokens to one receiver. */
export type Push = {
  /** One attempt (RFC 8935 section 2.1). Never rejects: what is broken off ends as `again`. */
  send(set: string, stopped: AbortSignal): Promise<PushOutcome>;
  close(): void;
};

/** @param connections at most */
export function openPush(receiver: Receiver, connections: number): Push {
  const isHttps = receiver.url.protocol === "https:";
  const settings = { keepAlive: true, maxSockets: connections, timeout: IDLE_MS };
  const agent = isHttps ? new HttpsAgent({ ...settings, minVersion: "TLSv1.2" }) : new HttpAgent(settings);
  const request = isHttps ? requestHttps : requestHttp;

  const attempt = async (set: string, signal: AbortSignal): Promise<PushOutcome> => {
    const { authorization, ca } = await receiver.credentials();
    const { url, allowPrivateAddresses } = receiver;
    const options = {
      method: "POST",
      agent,
      signal,
      lookup: reachableLookup(url, { allowPrivateAddresses, forbidden: forbiddenReceiver }),
      ...(ca === undefined ? {} : { ca }),
      headers: {
        "content-type": "application/secevent+jwt",
        "content-length": Buffer.byteLength(set),
        accept: "application/json",
        "accept-encoding": "identity",
        ...(authorization === undefined ? {} : { authorization }),
      },
    };
    const answer = await posted(() => request(url, options satisfies RequestOptions), set);
    return judgeAnswer(answer, Date.now());
  };

  return {
    async send(set, stopped) {
      const timeout = AbortSignal.timeout(TIMEOUT_MS);
      try {
        return await attempt(set, AbortSignal.any([stopped, timeout]));
      } catch (error) {
        return { outcome: "again", why: timeout.aborted ? "no answer in time" : whyNotReached(error) };
      }
    },
    close: () => agent.destroy(),
  };
}

/** A connection that was kept, and that the receiver closed at this very moment, is no failure: another is made, once. */
async function posted(make: () => ClientRequest, set: string): Promise<Answer> {
  const first = make();
  try {
    return await answerTo(first, set);
  } catch (error) {
    if (!first.reusedSocket || codeOf(error) !== "ECONNRESET") throw error;
    return answerTo(make(), set);
  }
}

/** A redirect is an answer like any other: it is not followed. */
function answerTo(request: ClientRequest, set: string): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  let isAnswered = false;
  request.on("error", reject);
  // Without an error too, where it was to become another protocol.
  request.on("close", () => {
    if (!isAnswered) reject(new Error("the connection was closed without an answer"));
  });
  request.on("response", (response) => {
    isAnswered = true;
    const { statusCode: status = 0, headers } = response;
    bodyOf(response).then((body) => resolve({ status, headers, body }), reject);
  });
  request.end(set);
  return promise;
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    if (!(chunk instanceof Uint8Array)) continue;
    bytes += chunk.byteLength;
    // To leave it closes the connection.
    if (bytes > GREATEST_ANSWER) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

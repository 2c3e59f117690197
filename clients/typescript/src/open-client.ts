import { openCache, type Place } from "./cache/answer-cache.ts";
import { clientClosed, givenUp, tooMany } from "./call-errors.ts";
import { openChannel } from "./channel.ts";
import type { AssayClientError } from "./client-error.ts";
import { type ClientOptions, wholeNumber } from "./client-options.ts";
import type { IntrospectResponse } from "./gen/assay/v1/token_service.ts";
import { loneCalls } from "./lone-calls.ts";
import type { Introspection, IntrospectOptions } from "./introspection.ts";
import { itemStream } from "./item-stream.ts";
import { openItemStream } from "./open-item-stream.ts";
import type { Asker, GiveUp } from "./question-queue.ts";
import { INACTIVE, readIntrospection } from "./read-introspection.ts";
import { type EncodedTerms, requestOf, type Terms, termsEncoder } from "./request-terms.ts";

/** A connection to Assay, for as many callers at once as there are. */
export type AssayClient = {
  /**
   * Whether a token is active for this caller (RFC 7662). Concurrent calls go together, on one stream.
   * @throws AssayClientError when that cannot be told: never take it for an answer; TypeError for what is no request
   */
  introspect: (token: string, options?: IntrospectOptions) => Promise<Introspection>;
  /** Why nothing is answered from the cache at the moment, as a sentence. Undefined while it is, and without a cache. */
  cacheProblem: () => string | undefined;
  /** Ends what is under way with CANCELLED. Until then the process stays alive. */
  close: () => void;
};

/** One call, once it is known that the service has to be asked. */
type Call = { token: string; terms: Terms; encoded: EncodedTerms; deadline: number };

/** In characters. What is longer is no token to the service. */
const GREATEST_TOKEN = 16_384;
/** Of everything but the token, in bytes. */
const GREATEST_TERMS = 65_536;

/**
 * Opens a client; it connects with the first call.
 * @throws TypeError that says what is wrong with the options and how to mend it
 */
export function openClient(options: ClientOptions): AssayClient {
  const { audience: ownAudience = [], cache: cacheOptions } = options;
  const ownDeadlineMs = wholeNumber("deadlineMs", options.deadlineMs, 1_000);
  const maxPending = wholeNumber("maxPending", options.maxPending, 10_000);
  const channel = openChannel(options);
  const stream = itemStream((listener) => openItemStream(channel, listener));
  const alone = loneCalls(channel);
  const cache = cacheOptions === undefined ? undefined : openCache(channel, cacheOptions);
  const encode = termsEncoder();
  let isClosed = false;

  function refusal(): AssayClientError | undefined {
    if (isClosed) return clientClosed();
    return stream.pending() + alone.pending() < maxPending ? undefined : tooMany(maxPending);
  }

  function termsOf({ audience, requiredScopes = [], context, proof, atLeastAsFresh }: IntrospectOptions): Terms {
    const withMarks = cache !== undefined && proof === undefined;
    return { audience: audience ?? ownAudience, requiredScopes, context, proof, atLeastAsFresh, withMarks };
  }

  function ask({ token, terms, encoded, deadline }: Call, asker: Asker): GiveUp {
    if (terms.proof?.dpop === undefined) return stream.ask(token, encoded.bytes, deadline, asker);
    return alone.ask(requestOf(token, terms), deadline, asker);
  }

  function introspect(token: string, asked: IntrospectOptions = {}): Promise<Introspection> {
    return new Promise((resolve, reject) => {
      if (typeof token !== "string" || token === "")
        throw new TypeError("the token must be a string that is not empty");
      const { signal } = asked;
      if (signal?.aborted === true) return reject(givenUp());
      // The service would say the same of it.
      if (token.length > GREATEST_TOKEN) return resolve(INACTIVE);
      const terms = termsOf(asked);
      const encoded = encode(terms);
      if (encoded.bytes.length > GREATEST_TERMS) throw new TypeError("the options of this call are too long");
      const place = encoded.key === undefined ? undefined : cache?.place(token, encoded.key);
      const kept = place?.find();
      if (kept !== undefined) return resolve(kept);
      const refused = refusal();
      if (refused !== undefined) return reject(refused);

      const deadline = performance.now() + wholeNumber("deadlineMs", asked.deadlineMs, ownDeadlineMs);
      const call = { token, terms, encoded, deadline };
      if (signal === undefined) ask(call, askerOf(place, resolve, reject));
      else askUntilAborted(signal, askerOf(place, resolve, reject), (asker) => ask(call, asker));
    });
  }

  return {
    introspect,
    cacheProblem: () => cache?.problem(),
    close() {
      isClosed = true;
      stream.close(clientClosed());
      alone.close(clientClosed());
      cache?.close();
      channel.client.close();
    },
  };
}

function askerOf(
  place: Place | undefined,
  resolve: (introspection: Introspection) => void,
  reject: (error: AssayClientError) => void,
): Asker {
  return {
    answered(response: IntrospectResponse, askedAt: number): void {
      const introspection = readIntrospection(response);
      place?.keep(introspection, response, askedAt);
      resolve(introspection);
    },
    failed: reject,
  };
}

function askUntilAborted(signal: AbortSignal, { answered, failed }: Asker, ask: (asker: Asker) => GiveUp): void {
  let giveUp: GiveUp | undefined;
  const stop = (): void => giveUp?.(givenUp());
  const unlisten = (): void => signal.removeEventListener("abort", stop);
  signal.addEventListener("abort", stop, { once: true });
  giveUp = ask({
    answered(response, askedAt) {
      unlisten();
      answered(response, askedAt);
    },
    failed(error) {
      unlisten();
      failed(error);
    },
  });
}

import { randomUUID } from "node:crypto";
import type { ClientUnaryCall, Metadata } from "@grpc/grpc-js";
import { backOff } from "./back-off.ts";
import { tooLate } from "./call-errors.ts";
import type { Channel } from "./channel.ts";
import { asClientError, type AssayClientError, ofServiceError } from "./client-error.ts";
import { type IntrospectRequest, TokenServiceService } from "./gen/assay/v1/token_service.ts";
import type { Asker, GiveUp } from "./question-queue.ts";

const { path, requestSerialize, responseDeserialize } = TokenServiceService.introspect;

/** Calls that go by themselves, each for one token. */
export type LoneCalls = {
  /** @param deadline as `performance.now` says it */
  ask: (request: IntrospectRequest, deadline: number, asker: Asker) => GiveUp;
  /** How many are not answered. */
  pending: () => number;
  close: (error: AssayClientError) => void;
};

/**
 * For a DPoP proof, which is good once: repeated, the call carries the same `x-request-id`, by which the service knows a retry from a
 * replay. A stream has but one for all its items.
 */
export function loneCalls(channel: Channel): LoneCalls {
  const underWay = new Set<GiveUp>();
  return {
    ask(request, deadline, { answered, failed }) {
      const giveUp = askAlone(channel, request, deadline, {
        answered(response, askedAt) {
          underWay.delete(giveUp);
          answered(response, askedAt);
        },
        failed(error) {
          underWay.delete(giveUp);
          failed(error);
        },
      });
      underWay.add(giveUp);
      return giveUp;
    },
    pending: () => underWay.size,
    close(error) {
      for (const giveUp of underWay) giveUp(error);
    },
  };
}

function askAlone(
  { client, metadata }: Channel,
  request: IntrospectRequest,
  deadline: number,
  { answered, failed }: Asker,
): GiveUp {
  const requestId = randomUUID();
  let call: ClientUnaryCall | undefined;
  let pause: NodeJS.Timeout | undefined;
  let isOver = false;
  let failures = 0;

  function settleBy(settle: () => void): void {
    if (isOver) return;
    isOver = true;
    clearTimeout(pause);
    clearTimeout(end);
    settle();
  }

  function failOrRetry(error: AssayClientError): void {
    failures += 1;
    const pauseMs = backOff(failures, error.retryAfterMs);
    if (error.code !== "UNAVAILABLE" || performance.now() + pauseMs >= deadline) return settleBy(() => failed(error));
    if (!isOver) pause = setTimeout(attempt, pauseMs);
  }

  function send(own: Metadata): void {
    if (isOver) return;
    own.set("x-request-id", requestId);
    call = client.makeUnaryRequest(
      ...([path, requestSerialize, responseDeserialize, request, own] as const),
      (error, response) => {
        if (error !== null) failOrRetry(ofServiceError(error));
        else if (response !== undefined) settleBy(() => answered(response, -Infinity));
      },
    );
  }

  function attempt(): void {
    metadata()
      .then(send)
      .catch((error: unknown) => failOrRetry(asClientError(error)));
  }

  function giveUp(error: AssayClientError): void {
    settleBy(() => failed(error));
    call?.cancel();
  }

  const end = setTimeout(() => giveUp(tooLate()), deadline - performance.now());
  attempt();
  return giveUp;
}

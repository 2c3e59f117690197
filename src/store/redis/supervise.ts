import type { Redis } from "ioredis";
import type { Assessment } from "./assess.ts";
import type { Gate } from "./gate.ts";
import { isRefusal, messageOf } from "./redis-error.ts";

export type Supervision = {
  /** The first thing learnt: an assessment, or undefined when Redis could not be asked in time. */
  first: Promise<Assessment | undefined>;
  stop(): void;
};

const NO_ERROR = "the connection was closed";
const RETRY_MS = 1_000;
/** How long a start waits for a Redis that neither answers nor refuses, or is still loading its data. */
const FIRST_MS = 3_000;

/** Assesses Redis at each connection, and each second while the gate is shut: what was mended opens again by itself. */
export function supervise(
  redis: Redis,
  gate: Gate,
  address: string,
  assessment: () => Promise<Assessment>,
): Supervision {
  const first = Promise.withResolvers<Assessment | undefined>();
  let lastError = NO_ERROR;
  let connection = 0;
  let busy = false;
  let stopped = false;

  async function look(): Promise<void> {
    if (busy || redis.status !== "ready") {
      return;
    }
    busy = true;
    const asked = connection;
    try {
      const result = await assessment();
      if (asked === connection) {
        apply(gate, result);
        first.resolve(result);
      }
    } catch (error) {
      if (asked === connection) {
        gate.shut(`The Redis at ${address} cannot be used yet: ${messageOf(error)}. Assay keeps trying.`);
        first.resolve(undefined);
      }
    } finally {
      busy = false;
    }
  }

  redis.on("error", (error: unknown) => {
    lastError = messageOf(error);
  });
  redis.on("ready", () => {
    lastError = NO_ERROR;
    void look();
  });
  redis.on("close", () => {
    connection += 1;
    if (stopped) {
      return;
    }
    const sentence = away(address, lastError);
    gate.shut(sentence);
    first.resolve(isRefusal(lastError) ? { unfit: sentence } : undefined);
  });

  const retry = setInterval(() => {
    if (gate.problem() !== undefined) {
      void look();
    }
  }, RETRY_MS).unref();
  const deadline = setTimeout(() => first.resolve(undefined), FIRST_MS);
  void first.promise.then(() => clearTimeout(deadline));
  // Its outcome arrives as "ready" or "close".
  redis.connect().catch(() => undefined);

  return {
    first: first.promise,
    stop: () => {
      stopped = true;
      clearInterval(retry);
      clearTimeout(deadline);
    },
  };
}

function apply(gate: Gate, result: Assessment): void {
  if ("open" in result) {
    gate.open(result.open);
  } else {
    gate.shut(result.unfit);
  }
}

function away(address: string, lastError: string): string {
  if (isRefusal(lastError)) {
    return `The Redis at ${address} refuses this user (${lastError}). Correct the user and password in store.url, or its ACL.`;
  }
  return `The Redis at ${address} cannot be reached (${lastError}). Start it, or correct store.url; Assay keeps trying.`;
}

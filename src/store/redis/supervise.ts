import { AssayError } from "../../core/error.ts";
import type { Assessment, SafetyAssessment } from "./assess.ts";
import type { RedisConnections } from "./connections.ts";
import type { Gate } from "./gate.ts";
import { isErrorReply, isRefusal, messageOf } from "./redis-error.ts";

export type Supervision = {
  /** The first thing learnt: an assessment, or undefined when Redis could not be asked in time. */
  first: Promise<Assessment | undefined>;
  stop(): void;
};

export type Checks = {
  /** All that must hold before the gate opens. */
  whole(safety: SafetyAssessment): Promise<Assessment>;
  /** What may change while it is open. A few small commands. */
  safety(): Promise<SafetyAssessment>;
};

const INTERVAL_MS = 1_000;
/** How long a start waits for a Redis that neither answers nor refuses, or is still loading its data. */
const FIRST_MS = 3_000;

/**
 * Assesses Redis at each connection, and each second: under an open gate only whether it is still safe, under a shut one
 * everything, so that what was mended opens again by itself.
 */
export function supervise(connections: RedisConnections, gate: Gate, checks: Checks): Supervision {
  const { address } = connections;
  const first = Promise.withResolvers<Assessment | undefined>();
  let connection = 0;
  let busy = false;
  let stopped = false;

  async function look(): Promise<void> {
    const asked = connection;
    try {
      const result = await checks.whole(await checks.safety());
      if (asked === connection) {
        apply(gate, result);
        first.resolve("unfit" in result && result.isPassing === true ? undefined : result);
      }
    } catch (error) {
      if (asked === connection) {
        gate.shut(unusable(address, error));
        first.resolve(undefined);
      }
    }
  }

  async function watch(): Promise<void> {
    const asked = connection;
    try {
      const result = await checks.safety();
      if (asked === connection) {
        applySafety(gate, result);
      }
    } catch (error) {
      // No answer tells nothing of the settings, and fails every operation by itself.
      if (asked === connection && isErrorReply(error)) {
        gate.shut(unusable(address, error));
      }
    }
  }

  async function check(): Promise<void> {
    if (busy || !connections.isReady()) {
      return;
    }
    busy = true;
    try {
      await (gate.problem() === undefined ? watch() : look());
    } finally {
      busy = false;
    }
  }

  const interval = setInterval(() => void check(), INTERVAL_MS).unref();
  const deadline = setTimeout(() => first.resolve(undefined), FIRST_MS);
  void first.promise.then(() => clearTimeout(deadline));
  connections.start({
    ready: () => void check(),
    away(because) {
      connection += 1;
      if (stopped) {
        return;
      }
      const sentence = away(address, because);
      gate.shut(sentence, true);
      first.resolve(isRefusal(because) ? { unfit: sentence } : undefined);
    },
  });

  return {
    first: first.promise,
    stop: () => {
      stopped = true;
      clearInterval(interval);
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

function applySafety(gate: Gate, result: SafetyAssessment): void {
  if ("unfit" in result) {
    gate.shut(result.unfit);
    return;
  }
  // An operation may have shut it meanwhile: then only the whole assessment opens it.
  if (gate.problem() !== undefined) {
    return;
  }
  const store = gate.pass();
  if (store.durability !== result.durability) {
    gate.open({ ...store, durability: result.durability });
  }
}

function unusable(address: string, error: unknown): string {
  const cause = error instanceof AssayError ? error.cause : error;
  return `The Redis at ${address} cannot be used yet: ${messageOf(cause)}. Assay keeps trying.`;
}

function away(address: string, lastError: string): string {
  if (isRefusal(lastError)) {
    return `The Redis at ${address} refuses this user (${lastError}). Correct the user and password in store.url, or its ACL.`;
  }
  return `The Redis at ${address} cannot be reached (${lastError}). Start it, or correct store.url; Assay keeps trying.`;
}

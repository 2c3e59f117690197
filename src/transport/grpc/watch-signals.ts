import type { Caller } from "../../core/caller.ts";
import type { Environment } from "../../core/environment.ts";
import { watchSignals as watch } from "../../core/signals/watch-signals.ts";
import type { WatchSignalsRequest, WatchSignalsResponse } from "../../gen/assay/v1/token_service.ts";
import { severityOf, signalToMessage } from "./signal-message.ts";
import type { Send } from "./streaming-rpc.ts";
import { gatherViolations } from "./violations.ts";

const GREATEST_LATEST = 1_000;

export async function watchSignals(
  environment: Environment,
  caller: Caller,
  { latest, at_least: least }: WatchSignalsRequest,
  send: Send<WatchSignalsResponse>,
): Promise<void> {
  const atLeast = severityOf(least);
  const violations = gatherViolations();
  violations.add("latest", latest > GREATEST_LATEST ? `must be at most ${GREATEST_LATEST}` : undefined);
  violations.add("at_least", atLeast === undefined ? "is no severity that is known here" : undefined);
  violations.throwIfAny();
  await watch(environment, caller, { latest, atLeast: atLeast ?? "info" }, (signals) =>
    send({ signals: signals.map(signalToMessage) }),
  );
}

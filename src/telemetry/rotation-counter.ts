import { metrics } from "@opentelemetry/api";
import type { CountRotations } from "../core/ports.ts";
import { ATTRIBUTES, METRICS, SCOPE } from "./attributes.ts";

export const uncountedRotations: CountRotations = () => undefined;

/** Take it after telemetry has started. */
export function rotationCounter(): CountRotations {
  const rotations = metrics
    .getMeter(SCOPE)
    .createCounter(METRICS.rotations, { description: "Presented refresh tokens by what became of them." });
  return (outcome) => rotations.add(1, { [ATTRIBUTES.outcome]: outcome });
}

/** Scenarios as tests live through them: a few cycles, and without what needs root. */
import { onTestFinished } from "vitest";
import type { Violation } from "./check-history.ts";
import type { Scenario, Verdict } from "./scenario.ts";

/** A few seconds each; a machine that is busy with others may take its time. */
export const TIMES = { timeout: 90_000 };

/** Of its own choice at each run: what is found is said with the calls that prove it. */
export async function lived({ run }: Pick<Scenario, "run">, cycles: number): Promise<Verdict> {
  const opened = new AsyncDisposableStack();
  onTestFinished(() => opened.disposeAsync());
  return run({ cycles, seed: Date.now() % 2 ** 31, clients: 2, mayMount: false, say: () => undefined, opened });
}

/** Sentences, for an assertion that says what it found. */
export function sentences(violations: readonly Violation[]): string[] {
  return violations.map(
    ({ rule, what, calls }) => `${rule}: ${what}\n${calls.map((call) => JSON.stringify(call)).join("\n")}`,
  );
}

import type { Finding } from "../../src/core/signals/signal.ts";
import { deployment } from "./judge.ts";
import type { Observation } from "./observation.ts";

export type WeekJudged = {
  introspections: number;
  /** How often each was found, by severity, kind and detail. */
  found: ReadonlyMap<string, number>;
  /** Findings graded as more than worth knowing. */
  warnings: readonly Finding[];
};

/** What the detectors of a deployment find in a week. */
export function judgeWeek(week: Iterable<Observation>): WeekJudged {
  const judge = deployment();
  const found = new Map<string, number>();
  const warnings: Finding[] = [];
  let introspections = 0;
  for (const observation of week) {
    if (observation.kind === "introspect") introspections += 1;
    for (const { finding } of judge(observation)) {
      const name = [finding.severity, finding.kind, finding.detail].filter((part) => part !== undefined).join(" ");
      found.set(name, (found.get(name) ?? 0) + 1);
      if (finding.severity !== "info") warnings.push(finding);
    }
  }
  return { introspections, found, warnings };
}

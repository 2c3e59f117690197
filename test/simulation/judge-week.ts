import type { Finding } from "../../src/core/signals/signal.ts";
import { deployment } from "./judge.ts";
import type { Observation } from "./observation.ts";
import { tally } from "./tally.ts";

export type WeekJudged = {
  introspections: number;
  /** How often each was found, by severity, kind and detail. */
  found: ReadonlyMap<string, number>;
  /** Findings graded as more than worth knowing. */
  warnings: readonly Finding[];
};

/** What the detectors of a deployment find in a week, as far as it has been gone through. */
export function judgeWeek<Seen extends Observation>(
  week: Iterable<Seen>,
  as: "three" | "one",
): { week: Iterable<Seen>; judged: () => WeekJudged } {
  const judge = deployment(as);
  const found = tally();
  const warnings: Finding[] = [];
  let introspections = 0;
  function* watched(): Generator<Seen, void, undefined> {
    for (const observation of week) {
      if (observation.kind === "introspect") introspections += 1;
      for (const { finding } of judge(observation)) {
        found.add([finding.severity, finding.kind, finding.detail].filter((part) => part !== undefined).join(" "));
        if (finding.severity !== "info") warnings.push(finding);
      }
      yield observation;
    }
  }
  return { week: watched(), judged: () => ({ introspections, found: found.counts, warnings }) };
}

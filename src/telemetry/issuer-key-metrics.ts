import { metrics } from "@opentelemetry/api";
import { ATTRIBUTES, METRICS, SCOPE } from "./attributes.ts";

/** What key sources report: each fetch by issuer and outcome, and the age of the keys in use. */
export type IssuerKeyMetrics = {
  fetched(issuer: string, outcome: string): void;
  /** `age` in milliseconds, undefined while there are no keys. The last given for an issuer counts. */
  follow(issuer: string, age: () => number | undefined): void;
};

/** Take it after telemetry has started. */
export function issuerKeyMetrics(): IssuerKeyMetrics {
  const meter = metrics.getMeter(SCOPE);
  const fetches = meter.createCounter(METRICS.issuerKeyFetches, {
    description: "Fetches of foreign issuers' keys by outcome.",
  });
  const ages = new Map<string, () => number | undefined>();
  meter
    .createObservableGauge(METRICS.issuerKeyAge, {
      unit: "s",
      description: "Age of the keys of foreign issuers in use.",
    })
    .addCallback((result) => {
      for (const [issuer, age] of ages) {
        const value = age();
        if (value !== undefined) result.observe(value / 1_000, { [ATTRIBUTES.issuer]: issuer });
      }
    });
  return {
    fetched: (issuer, outcome) => fetches.add(1, { [ATTRIBUTES.issuer]: issuer, [ATTRIBUTES.outcome]: outcome }),
    follow: (issuer, age) => void ages.set(issuer, age),
  };
}

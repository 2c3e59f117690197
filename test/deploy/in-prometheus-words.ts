/** In place of what Grafana puts there: windows that a short test fills. */
const VARIABLES: readonly (readonly [string, string])[] = [
  ["$__rate_interval", "20s"],
  ["$__range", "1m"],
  ["$instance", ".*"],
];

/**
 * An expression of a dashboard as Prometheus is asked it. What stands in for missing data (`or vector(0)`) is left out: it would be an answer
 * whatever was measured.
 */
export function ofDashboard(expression: string): string {
  const [, metric] = /^label_values\((\w+), \w+\)$/.exec(expression) ?? [];
  return VARIABLES.reduce((text, [name, value]) => text.replaceAll(name, value), metric ?? expression).replaceAll(
    " or vector(0)",
    "",
  );
}

/**
 * An alert's expression, whose comparisons answer 0 or 1 instead of nothing: whatever is compared must be there. `absent` of something is there
 * as long as that is not.
 */
export function ofAlert(expression: string): string {
  const parts = expression.replace(/^absent\((.*)\)$/, "$1").split(/(\{[^}]*\})/);
  return parts.map((part) => (part.startsWith("{") ? part : part.replaceAll(/[<>]=?|[=!]=/g, "$& bool"))).join("");
}

/** The expressions that dashboards are made of, for the instances that are chosen above them. */

const CHOSEN = 'instance=~"$instance"';

/** How wide a window is: as far as the plot's points are apart, or all that is shown. */
export type Window = "$__rate_interval" | "$__range";

/** @param matchers further ones, as `assay_outcome="hit"` */
export function select(metric: string, ...matchers: string[]): string {
  return `${metric}{${[CHOSEN, ...matchers].join(", ")}}`;
}

/** What counts, each second. @param by the labels that are kept, none for one sum */
export function perSecond(counter: string, by: string, ...matchers: string[]): string {
  return `${sumBy(by)} (rate(${select(counter, ...matchers)}[$__rate_interval]))`;
}

/**
 * How often something has happened. `increase` alone overlooks what comes first: a counter that nobody has seen before begins with its first
 * event, not with nought.
 */
export function happened(window: Window, counter: string, by: string, ...matchers: string[]): string {
  const counted = select(counter, ...matchers);
  return `${sumBy(by)} ((${counted} unless ${counted} offset ${window}) or increase(${counted}[${window}]))`;
}

export function greatest(gauge: string, by: string): string {
  return `max by (${by}) (${select(gauge)})`;
}

/** @param part of 1: 0.99, say */
export function quantile(part: number, histogram: string, by: string, ...matchers: string[]): string {
  const labels = ["le", ...(by === "" ? [] : [by])].join(", ");
  return `histogram_quantile(${part}, ${perSecond(`${histogram}_bucket`, labels, ...matchers)})`;
}

/** 0 where no part has ever been counted. */
export function share(part: string, whole: string): string {
  return `${orNought(part)} / ${whole}`;
}

/** What has not happened yet is told by no metric. */
export function orNought(expression: string): string {
  return `(${expression} or vector(0))`;
}

function sumBy(labels: string): string {
  return labels === "" ? "sum" : `sum by (${labels})`;
}

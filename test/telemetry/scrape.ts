/** Asks a metrics endpoint as Prometheus does, and reads its text format: a reader of the tests' own. */
import { recordEmitted } from "../support/leaks/record.ts";

export type Sample = { name: string; labels: Record<string, string>; value: number };

export type Scraped = {
  text: string;
  /** By the name of the family, as its TYPE line says. */
  types: Map<string, string>;
  samples: Sample[];
  /** The sum of the samples of this name whose labels have these values. Undefined where there is none. */
  value(name: string, labels?: Record<string, string>): number | undefined;
};

const SAMPLE = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-z_]+)="((?:[^"\\]|\\.)*)"/g;

export async function scrape(address: string): Promise<Scraped> {
  const response = await fetch(`http://${address}/metrics`);
  const text = await response.text();
  recordEmitted("metrics", text);
  if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
  return readScraped(text);
}

function readScraped(text: string): Scraped {
  const lines = text.split("\n").filter((line) => line !== "");
  const types = new Map(
    lines.flatMap((line) => {
      const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
      return name === undefined || type === undefined ? [] : [[name, type] as const];
    }),
  );
  const samples = lines.filter((line) => !line.startsWith("#")).map(sampleOf);
  return {
    text,
    types,
    samples,
    value(name, labels = {}) {
      const found = samples.filter(
        (sample) => sample.name === name && Object.entries(labels).every(([label, is]) => sample.labels[label] === is),
      );
      return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
    },
  };
}

function sampleOf(line: string): Sample {
  const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  return {
    name,
    labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, label = "", text = ""]) => [label, text])),
    value: value === "+Inf" ? Infinity : Number(value),
  };
}

/** Where a server says that it serves metrics. */
export function metricsAddress(log: string): string {
  const [, address] = /"address":"([^"]+)","msg":"metrics are served"/.exec(log) ?? [];
  if (address === undefined) throw new Error("the log does not say where metrics are served");
  return address;
}

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { growthCurve } from "../plots/growth-curve.ts";
import { latencyCurve } from "../plots/latency-curve.ts";
import { ratioBars } from "../plots/ratio-bars.ts";
import { PROMISES } from "../promises.ts";
import { readResults, type Results } from "./results.ts";
import { machineTable, promisesTable, restTable } from "./tables.ts";

type Plot = { name: string; title: string; svg: string | undefined };

const DOCS = resolve(import.meta.dirname, "../../docs");
const PAGE = join(DOCS, "performance.md");
/** Beside the page, for its links. */
const PLOTS = "performance";

/**
 * Draws the plots of a run and writes them and its figures into docs/performance.md, between markers: nobody types a figure.
 * @param path what `--out` wrote
 * @returns the files that were written
 */
export async function writePage(path: string): Promise<string[]> {
  const results = readResults(path);
  const plots = plotsOf(results).filter(({ svg }) => svg !== undefined);
  await mkdir(join(DOCS, PLOTS), { recursive: true });
  for (const { name, svg = "" } of plots) await writeFile(join(DOCS, PLOTS, name), svg);
  const parts = {
    machine: machineTable(results),
    promises: promisesTable(results),
    plots: plots.map(({ name, title }) => `![${title}](${PLOTS}/${name})`).join("\n\n"),
    rest: restTable(results),
  };
  let page = await readFile(PAGE, "utf8");
  for (const [name, text] of Object.entries(parts)) page = between(page, name, text);
  await writeFile(PAGE, page);
  return [PAGE, ...plots.map(({ name }) => join(DOCS, PLOTS, name))];
}

function plotsOf({ measures }: Results): Plot[] {
  const costs = PROMISES.filter((promised) => "atMost" in promised && promised.of === "ratio");
  const gains = PROMISES.filter((promised) => "atLeast" in promised);
  const titles = {
    costs: "Server CPU, as a multiple of the reference's (less is better)",
    gains: "Throughput, as a multiple of the reference's (more is better)",
    latency: "Latency of a unary call at half of what the server can do",
    growth: "Server CPU a call, as a multiple of what it is among a thousand",
  };
  return [
    { name: "costs.svg", title: titles.costs, svg: ratioBars(titles.costs, costs, measures) },
    { name: "gains.svg", title: titles.gains, svg: ratioBars(titles.gains, gains, measures) },
    { name: "latency.svg", title: titles.latency, svg: latencyCurve(titles.latency, measures) },
    { name: "growth.svg", title: titles.growth, svg: growthCurve(titles.growth, measures) },
  ];
}

/** @throws Error when the page has no such markers */
function between(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`${PAGE} has no ${begin} … ${end} to write into`);
  return `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`;
}

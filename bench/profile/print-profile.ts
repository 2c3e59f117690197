import { type CpuProfile, selfTimes } from "./cpu-profile.ts";
import { moduleOf } from "./module-of.ts";

const MODULES = 30;
const FUNCTIONS = 30;

/** Where the time of a profile goes, by module and by function. @param calls how many were answered while it was taken */
export function printProfile(profile: CpuProfile, calls: number): void {
  const times = selfTimes(profile);
  const total = times.reduce((sum, { microseconds }) => sum + microseconds, 0);
  const modules = Map.groupBy(times, moduleOf);
  console.log(
    `${(total / 1e6).toFixed(2)} s of the main thread, ${calls} calls: ${(total / calls).toFixed(1)} µs each\n`,
  );
  console.log(`${"share".padStart(7)} ${"µs/call".padStart(8)}  module`);
  const rows = modules
    .entries()
    .map(([name, of]) => ({ name, of: of.reduce((sum, time) => sum + time.microseconds, 0) }));
  for (const { name, of } of largest(rows.toArray(), MODULES)) console.log(row(of, total, calls, name));
  console.log(`\n${"share".padStart(7)} ${"µs/call".padStart(8)}  function`);
  const functions = times.map((time) => ({ name: nameOf(time), of: time.microseconds }));
  for (const { name, of } of largest(functions, FUNCTIONS)) console.log(row(of, total, calls, name));
}

function nameOf({ functionName, url, lineNumber }: { functionName: string; url: string; lineNumber: number }): string {
  const name = functionName === "" ? "(anonymous)" : functionName;
  // V8 counts lines from 0.
  return url === ""
    ? name
    : `${name}  ${moduleOf({ functionName, url })} ${url.split("/").at(-1) ?? ""}:${lineNumber + 1}`;
}

function largest<Row extends { of: number }>(rows: readonly Row[], count: number): Row[] {
  return rows.toSorted((a, b) => b.of - a.of).slice(0, count);
}

function row(microseconds: number, total: number, calls: number, name: string): string {
  const share = `${((microseconds / total) * 100).toFixed(1)} %`;
  return `${share.padStart(7)} ${(microseconds / calls).toFixed(2).padStart(8)}  ${name}`;
}

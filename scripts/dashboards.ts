/** npm run dashboards: makes deploy/grafana/dashboards anew. With --check it changes nothing, and fails where a file is not what is made. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DASHBOARDS, dashboardFiles } from "./dashboards/dashboard-files.ts";

const directory = join(resolve(import.meta.dirname, ".."), DASHBOARDS);
const made = dashboardFiles();

if (process.argv.includes("--check")) {
  const names = new Set([...made.keys(), ...readdirSync(directory)]);
  const differing = [...names].filter((name) => committed(name) !== made.get(name));
  for (const name of differing) console.error(`${DASHBOARDS}/${name} is not what scripts/dashboards makes`);
  if (differing.length > 0) console.error("Run: npm run dashboards");
  else console.log(`compared ${made.size} dashboards`);
  process.exitCode = differing.length === 0 ? 0 : 1;
} else {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const [name, text] of made) writeFileSync(join(directory, name), text);
}

function committed(name: string): string | undefined {
  try {
    return readFileSync(join(directory, name), "utf8");
  } catch {
    return undefined;
  }
}

/** Makes `dist`, or the folder that is named: what tsc emits from src, and beside it what tsc leaves behind (Lua scripts). */
import { execFileSync } from "node:child_process";
import { cpSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

const repository = resolve(import.meta.dirname, "..");
const source = join(repository, "src");
const output = resolve(process.argv[2] ?? join(repository, "dist"));

rmSync(output, { recursive: true, force: true });
execFileSync(join(repository, "node_modules/.bin/tsc"), ["--project", "tsconfig.build.json", "--outDir", output], {
  cwd: repository,
  stdio: "inherit",
});
cpSync(source, output, {
  recursive: true,
  filter: (path) => statSync(path).isDirectory() || !path.endsWith(".ts"),
});

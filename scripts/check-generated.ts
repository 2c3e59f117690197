/** Generates afresh, beside the tree, what buf.gen.yaml names, and compares: works on a dirty tree, and changes nothing. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const repository = resolve(import.meta.dirname, "..");
const scratch = mkdtempSync(join(tmpdir(), "assay-generated-"));

try {
  execFileSync(join(repository, "node_modules/.bin/buf"), ["generate", "-o", scratch], {
    cwd: repository,
    stdio: "inherit",
  });
  const differing = ["src/gen", "clients/typescript/src/gen"].flatMap((directory) =>
    compare(join(repository, directory), join(scratch, directory)).map((file) => `${directory}/${file}`),
  );
  for (const file of differing) console.error(`${file} is not what the contract generates`);
  if (differing.length > 0) console.error("Run: npm run generate");
  process.exitCode = differing.length === 0 ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true });
}

function compare(committed: string, fresh: string): string[] {
  const left = read(committed);
  const right = read(fresh);
  const files = [...new Set([...left.keys(), ...right.keys()])].toSorted();
  return files.filter((file) => left.get(file) !== right.get(file));
}

function read(directory: string): Map<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(directory.length + 1), readFileSync(path, "utf8")];
    }),
  );
}

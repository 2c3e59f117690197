import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

/** Product and reference as JavaScript: what is shipped strips no types at its start. */
export type Package = {
  /** What starts the product, as in the image: Node's flags and the entry of the published package. */
  assay: readonly string[];
  /** The product's environment. */
  env: Readonly<Record<string, string>>;
  /** The bare echo. */
  echo: string;
  remove(): Promise<void>;
};

/** As the Dockerfile sets them, for both. */
export const AS_IN_THE_IMAGE = {
  NODE_ENV: "production",
  MALLOC_ARENA_MAX: "2",
  MALLOC_TRIM_THRESHOLD_: "65536",
  MALLOC_MMAP_THRESHOLD_: "65536",
};

/** As the Dockerfile's entry point has them. */
const FLAGS = ["--expose-gc"];
const REPOSITORY = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

export async function makePackage(): Promise<Package> {
  const directory = await mkdtemp(join(tmpdir(), "assay-bench-package-"));
  const entry = join(directory, "bin/assay.js");
  const env = { ...AS_IN_THE_IMAGE, NODE_COMPILE_CACHE: join(directory, "compile-cache") };
  await Promise.all([makeProduct(directory), makeEcho(directory)]);
  const fill = [join(REPOSITORY, "scripts/fill-compile-cache.ts"), entry, ...FLAGS];
  await run(process.execPath, fill, { env: { ...process.env, ...env } });
  return {
    assay: [...FLAGS, entry],
    env,
    echo: join(directory, "reference/bench/echo.js"),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

async function makeProduct(directory: string): Promise<void> {
  for (const path of ["bin", "proto", "package.json"])
    await cp(join(REPOSITORY, path), join(directory, path), { recursive: true });
  await symlink(join(REPOSITORY, "node_modules"), join(directory, "node_modules"));
  await run(process.execPath, [join(REPOSITORY, "scripts/build.ts"), join(directory, "dist")]);
}

async function makeEcho(directory: string): Promise<void> {
  const output = join(directory, "reference");
  await mkdir(output);
  const project = {
    extends: join(REPOSITORY, "tsconfig.build.json"),
    compilerOptions: { rootDir: REPOSITORY, outDir: output, typeRoots: [join(REPOSITORY, "node_modules/@types")] },
    include: [join(REPOSITORY, "bench/echo.ts")],
  };
  await writeFile(join(output, "tsconfig.json"), JSON.stringify(project));
  await run(join(REPOSITORY, "node_modules/.bin/tsc"), ["--project", join(output, "tsconfig.json")]);
}

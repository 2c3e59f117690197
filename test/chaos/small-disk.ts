import { execFile } from "node:child_process";
import { mkdir, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildShim } from "./shim.ts";
import { workingDirectory } from "./working-directory.ts";

export type SmallDisk = {
  directory: string;
  /** For the environment of the processes that write to it. */
  environment: Readonly<Record<string, string>>;
  /** Nothing more can be written. */
  fill: () => Promise<void>;
  free: () => Promise<void>;
};

const run = promisify(execFile);
const SIZE = "64m";

/** A small tmpfs, for whoever may mount one. Gone with the stack. */
export async function mountSmallDisk(opened: AsyncDisposableStack): Promise<SmallDisk> {
  const directory = join(await workingDirectory(opened), "disk");
  await mkdir(directory);
  await run("mount", ["-t", "tmpfs", "-o", `size=${SIZE},mode=0700`, "assay-chaos", directory]);
  opened.defer(async () => void (await run("umount", ["--lazy", directory])));
  const ballast = join(directory, "ballast");
  return {
    directory,
    environment: {},
    async fill() {
      const { bsize, bavail } = await statfs(directory);
      // Others write meanwhile: what cannot be had is theirs.
      await writeFile(ballast, Buffer.alloc(bsize * bavail)).catch(() => undefined);
    },
    free: () => rm(ballast, { force: true }),
  };
}

/** A disk that is full for those who have its environment. */
export async function pretendSmallDisk(opened: AsyncDisposableStack): Promise<SmallDisk> {
  const directory = await workingDirectory(opened);
  const { environment, set } = await buildShim("disk", directory);
  return { directory, environment, fill: () => set(1), free: () => set(0) };
}

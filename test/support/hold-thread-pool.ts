import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { temporaryDirectory } from "./temporary-directory.ts";

/** What libuv has unless told otherwise. */
const THREADS = Number(process.env["UV_THREADPOOL_SIZE"] ?? 4);

/**
 * Occupies every thread of this process's pool, where WebCrypto works, until they are let go: each opens a pipe that nobody writes
 * to. Signature checks that begin meanwhile last as long as a test likes.
 */
export async function holdThreadPool(): Promise<() => Promise<void>> {
  const directory = await temporaryDirectory();
  const pipes = Array.from({ length: THREADS }, (_, index) => join(directory, `pipe-${index}`));
  execFileSync("mkfifo", pipes);
  const readers = pipes.map((pipe) => open(pipe));
  let released: Promise<void> | undefined;
  const release = (): Promise<void> => (released ??= letGo(pipes, readers));
  onTestFinished(release);
  return release;
}

async function letGo(pipes: readonly string[], readers: readonly Promise<FileHandle>[]): Promise<void> {
  const writers = pipes.map((pipe) => openSync(pipe, constants.O_RDWR));
  for (const reader of await Promise.all(readers)) await reader.close();
  for (const writer of writers) closeSync(writer);
}

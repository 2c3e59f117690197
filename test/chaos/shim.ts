/** A library that stands between one process and its C library: what the process sees of the clock or the disk is changed while it runs. */
import { execFile } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

export type Shim = {
  /** For the environment of the processes that are to be changed. */
  environment: Readonly<Record<string, string>>;
  /** Takes effect at once in all of them. `clock`: by how many milliseconds their wall clock is off; `disk`: 1 while it is full. */
  set: (value: number) => Promise<void>;
};

const run = promisify(execFile);

/** What a process did with its files and sockets, in the order of time. */
export type Traced = { atMs: number; what: "file written" | "file synced" | "socket written"; file: number };

export type Trace = {
  environment: Shim["environment"];
  /** All so far. Milliseconds of the monotonic clock that all processes share: see `process.hrtime`. */
  read(): Promise<Traced[]>;
};

const ENTRY = 24;
const KINDS = ["file written", "file synced", "socket written"] as const;

/** Builds it with the machine's C compiler, into the directory. For Linux. */
export async function buildShim(what: "clock" | "disk", directory: string): Promise<Shim> {
  const mapped = join(directory, `${what}-shim`);
  const set: Shim["set"] = async (value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    // In place: the processes have mapped it.
    await using file = await open(mapped, "r+").catch(() => open(mapped, "w"));
    await file.write(bytes, 0, bytes.length, 0);
  };
  await set(0);
  return { environment: { LD_PRELOAD: await compile(what, directory), [`${what.toUpperCase()}_SHIM`]: mapped }, set };
}

/** As `buildShim`: changes nothing, and tells what was done. */
export async function buildTrace(directory: string): Promise<Trace> {
  const path = join(directory, "trace");
  return {
    environment: { LD_PRELOAD: await compile("trace", directory), TRACE_SHIM: path },
    async read() {
      const bytes = await readFile(path);
      const places = Array.from({ length: Math.floor(bytes.length / ENTRY) }, (_none, index) => index * ENTRY);
      const traced = places.map((at): Traced => {
        const what = KINDS[Number(bytes.readBigInt64LE(at + 8)) - 1];
        if (what === undefined) throw new Error("the trace holds what the shim does not write");
        return { atMs: Number(bytes.readBigInt64LE(at)) / 1e6, what, file: Number(bytes.readBigInt64LE(at + 16)) };
      });
      return traced.toSorted((one, other) => one.atMs - other.atMs);
    },
  };
}

async function compile(what: string, directory: string): Promise<string> {
  const [library, source] = [join(directory, `${what}-shim.so`), join(import.meta.dirname, `${what}-shim.c`)];
  await run("cc", ["-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"]);
  return library;
}

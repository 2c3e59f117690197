import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { grpcMessage } from "../test/support/http2-frames.ts";
import type { LoadResult } from "./pairs.ts";
import { pinned } from "./pinned.ts";

export type H2loadOptions = {
  origin: string;
  path: string;
  metadata: Readonly<Record<string, string>>;
  /** The one message that is sent again and again. */
  body: Buffer;
  milliseconds: number;
  connections?: number;
  /** Calls in flight on each connection. */
  users?: number;
};

const run = promisify(execFile);
/** It gives no figure for a run in which nothing was answered in time. */
const LEAST_MS = 1_000;

/** One unary call again and again, by nghttp2's h2load. It looks at no answer but its HTTP status: what it sends must be known to be good. */
export async function runH2load(options: H2loadOptions): Promise<LoadResult> {
  const { origin, path, metadata, body, milliseconds, connections = 4, users = 16 } = options;
  const directory = await mkdtemp(join(tmpdir(), "assay-bench-"));
  try {
    const file = join(directory, "body");
    await writeFile(file, grpcMessage(body));
    const headers = { "content-type": "application/grpc", te: "trailers", ...metadata };
    const [program = "", ...args] = pinned(
      [
        "h2load",
        "--clients",
        String(connections),
        "--max-concurrent-streams",
        String(users),
        "--duration",
        `${Math.max(milliseconds, LEAST_MS)}ms`,
        "--data",
        file,
        ...Object.entries(headers).flatMap(([name, value]) => ["--header", `${name}: ${value}`]),
        origin + path,
      ],
      "client",
    );
    return resultOf((await run(program, args)).stdout);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** `finished in 1.50s, 12345.67 req/s, …` and `requests: … 18518 succeeded, 0 failed, 0 errored, 0 timeout`. */
function resultOf(output: string): LoadResult {
  const [, calls = "", failed = "", errored = ""] = /(\d+) succeeded, (\d+) failed, (\d+) errored/.exec(output) ?? [];
  const [, rate = ""] = /([\d.]+) req\/s/.exec(output) ?? [];
  if (calls === "" || rate === "" || Number(failed) + Number(errored) > 0)
    throw new Error(`h2load did not succeed:\n${output}`);
  return { calls: Number(calls), seconds: Number(calls) / Number(rate) };
}

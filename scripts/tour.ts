/**
 * npm run tour: a session on the command line, step by step, against servers of its own on free ports.
 * With ASSAY_STORE=redis://… two servers share that Redis, and what is revoked at one is inactive at the other.
 * The Redis keeps its master key in ASSAY_KEYS_DIR, or ./data/keys, as `npm start` does.
 *
 * npm run tour -- theft [--stay]: a refresh token is stolen, and Assay tells of it wherever an operator may look. With --stay it waits
 * for Enter before the theft and after it, so that the console can be watched meanwhile.
 *
 * Ends with exit code 1 as soon as a step does not do what it says.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, styleText } from "node:util";
import { startCollector } from "./tour/collector.ts";
import { startServe } from "./tour/processes.ts";
import { session } from "./tour/session.ts";
import { theft } from "./tour/theft.ts";
import { watchSignals } from "./tour/watch-signals.ts";

/** Takes what is to be undone at the end, the last first. */
type AtEnd = (undo: () => Promise<unknown>) => void;

const storeUrl = process.env["ASSAY_STORE"];
const undo: (() => Promise<unknown>)[] = [];
const tour = chosen();
const directory = await mkdtemp(join(tmpdir(), "assay-tour-"));
undo.push(() => rm(directory, { recursive: true, force: true }));
try {
  await Promise.race([tour((step) => void undo.push(step)), interruption()]);
  console.log(styleText("green", "\nThe tour is over: every step did what it says."));
} catch (error) {
  console.error(styleText("red", error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
} finally {
  for (const step of undo.toReversed()) await step();
}
// What was interrupted would go on.
process.exit();

function chosen(): (atEnd: AtEnd) => Promise<void> {
  const { values, positionals } = parseArgs({ options: { stay: { type: "boolean" } }, allowPositionals: true });
  const [name, ...more] = positionals;
  if (name === "theft" && more.length === 0) return (atEnd) => tourOfTheft(atEnd, values.stay ?? false);
  if (name === undefined && values.stay === undefined) return tourOfSession;
  console.error("usage: npm run tour, or npm run tour -- theft [--stay]");
  process.exit(2);
}

async function tourOfSession(atEnd: AtEnd): Promise<void> {
  const count = storeUrl?.startsWith("redis") === true ? 2 : 1;
  const servers = [];
  while (servers.length < count) {
    const server = await startServe(directory, storeUrl);
    atEnd(() => server.stop());
    servers.push(server);
  }
  await session(servers);
}

async function tourOfTheft(atEnd: AtEnd, mayStay: boolean): Promise<void> {
  const collector = await startCollector();
  atEnd(() => collector.stop());
  const server = await startServe(directory, undefined, {
    ASSAY_ADMIN_ADDRESS: "127.0.0.1:0",
    ASSAY_TELEMETRY_OTLP_ENDPOINT: collector.endpoint,
  });
  atEnd(() => server.stop());
  const watch = await watchSignals(server);
  atEnd(() => watch.stop());
  await theft({ server, collector, watch, mayStay });
}

/** Whoever interrupts leaves nothing behind either. */
function interruption(): Promise<never> {
  return new Promise((_resolve, reject) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => reject(new Error("interrupted")));
  });
}

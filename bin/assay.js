#!/usr/bin/env node
// Plain JavaScript that old versions of Node.js can read: it must run there to say that they are too old.
import { existsSync } from "fs";
import { setFlagsFromString } from "v8";

const LEAST = 26;

if (Number(process.versions.node.split(".")[0]) < LEAST) {
  process.stderr.write(
    `Assay needs Node.js ${LEAST} or newer, and this is ${process.versions.node}: ` +
      "in its repository run `npm ci && npm start`, which bring their own, or install Node.js " +
      `${LEAST} from https://nodejs.org.\n`,
  );
  process.exitCode = 1;
} else {
  // What a call makes is garbage when it ends. An object that V8 puts among the old ones by a guess of its own keeps the rest from dying
  // young: docs/adr/0014.
  setFlagsFromString("--no-allocation-site-pretenuring");
  // A repository runs its sources; the published package holds what was built from them.
  const sources = new URL("../src/cli/main.ts", import.meta.url);
  void import(existsSync(sources) ? sources.href : new URL("../dist/cli/main.js", import.meta.url).href);
}

#!/usr/bin/env node
// Plain JavaScript that old versions of Node.js can read: it must run there to say that they are too old.
import { existsSync } from "fs";

const LEAST = 26;

if (Number(process.versions.node.split(".")[0]) < LEAST) {
  process.stderr.write(
    `Assay needs Node.js ${LEAST} or newer, and this is ${process.versions.node}: ` +
      "in its repository run `npm ci && npm start`, which bring their own, or install Node.js " +
      `${LEAST} from https://nodejs.org.\n`,
  );
  process.exitCode = 1;
} else {
  // A repository runs its sources; the published package holds what was built from them.
  const sources = new URL("../src/cli/main.ts", import.meta.url);
  void import(existsSync(sources) ? sources.href : new URL("../dist/cli/main.js", import.meta.url).href);
}

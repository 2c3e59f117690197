import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { z } from "zod";
import { until } from "../support/until.ts";
import { heard } from "./follower-process.ts";
import type { StoreAddress } from "./open-store.ts";

type Heard = z.infer<typeof heard>;

const SCRIPT = fileURLToPath(new URL("follower-process.ts", import.meta.url));

/** Ends with the test. */
export async function startFollowerProcess(address: StoreAddress) {
  const child = spawn(process.execPath, [SCRIPT, JSON.stringify(address)], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(async () => {
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
  });
  const lines: Heard[] = [];
  createInterface(child.stdout).on("line", (line) => lines.push(heard.parse(JSON.parse(line))));
  const hears = (what: string, is: (one: Heard) => boolean): Promise<Heard> =>
    until(`it hears ${what}`, () => lines.find(is));
  return {
    heard: (): readonly Heard[] => lines,
    hears,
    /** Hears the one after the other. */
    hearsAfter: (what: string, first: (one: Heard) => boolean, then: (one: Heard) => boolean): Promise<Heard> =>
      until(`it hears ${what}`, () => lines.slice(lines.findIndex(first) + 1).find(then)),
    /** It does nothing any more, without knowing it. */
    freeze: () => child.kill("SIGSTOP"),
    thaw: () => child.kill("SIGCONT"),
  };
}

import { startChild } from "./child-process.ts";
import type { Answers } from "./references/echo-server.ts";

export type Reference = { pid: number; origin: string; stop(): Promise<void> };

const SCRIPTS = {
  echo: "echo.ts",
  "verify-jwt": "references/verify-jwt.ts",
  "redis-get": "references/redis-get.ts",
  "redis-script": "references/redis-script.ts",
} as const;

/**
 * Starts the bare echo, or an echo that does one thing more for each call.
 * @param extra what that thing needs: see the script
 */
export async function startReference(
  kind: keyof typeof SCRIPTS,
  answers: Answers,
  extra: unknown = {},
): Promise<Reference> {
  const script = new URL(SCRIPTS[kind], import.meta.url).pathname;
  const child = await startChild([script, JSON.stringify({ answers, extra })], {}, isPort, { on: "server" });
  return { pid: child.pid, origin: `http://127.0.0.1:${child.firstLine}`, stop: () => child.stop() };
}

function isPort(line: string): boolean {
  return /^\d+$/.test(line);
}

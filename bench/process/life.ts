import { setTimeout as sleep } from "node:timers/promises";
import { type Api, openApi } from "../api.ts";
import { startChild } from "../child-process.ts";
import { residentBytes } from "../process-usage.ts";
import type { Deployment } from "./deployments.ts";

/** Of one process, from its start to its end. */
export type Life = {
  /** Milliseconds from the start of the process to its first answer. */
  start: number;
  /** Resident, in MB of 1,000,000 bytes. */
  idle: number;
  remembered: number;
};

const CONCURRENCY = 32;
const RETRY_MS = 5;
const PATIENCE_MS = 30_000;

/**
 * Starts it, has it answer once, lets it be, then asks about each token once and lets it be again.
 * @param settleMs how long it is let be, before its memory is read
 */
export async function live(deployment: Deployment, tokens: readonly string[], settleMs: number): Promise<Life> {
  const started = performance.now();
  return running(deployment, async (api, pid) => {
    await firstAnswer(api, tokens[0] ?? "");
    const start = performance.now() - started;
    await sleep(settleMs);
    const idle = await residentBytes(pid);
    await askAbout(api, tokens);
    await sleep(settleMs);
    const remembered = await residentBytes(pid);
    return { start, idle: idle / 1e6, remembered: remembered / 1e6 };
  });
}

export async function running<T>(
  { args, env, isReady, originOf, metadata }: Deployment,
  work: (api: Api, pid: number) => Promise<T>,
): Promise<T> {
  const child = await startChild(args, env, isReady, { on: "both" });
  const api = openApi({ origin: originOf(child.firstLine), metadata });
  try {
    return await work(api, child.pid);
  } finally {
    api.close();
    await child.stop();
  }
}

/** It may listen before it is ready, and says so. */
async function firstAnswer(api: Api, token: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      const { active } = await api.introspect({ token });
      if (!active) throw new Error("a live token came back inactive");
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(RETRY_MS);
    }
  }
}

async function askAbout(api: Api, tokens: readonly string[]): Promise<void> {
  for (let index = 0; index < tokens.length; index += CONCURRENCY) {
    const answers = await Promise.all(
      tokens.slice(index, index + CONCURRENCY).map(async (token) => api.introspect({ token })),
    );
    if (answers.some(({ active }) => !active)) throw new Error("a live token came back inactive");
  }
}

/** The end of a history: everything works again, and every instance says of every token what it thinks of it. */
import { until } from "../support/until.ts";
import type { History } from "./history.ts";
import { type Callable, recordedCalls } from "./recorded-calls.ts";

const AT_ONCE = 16;
const RECOVERY_MS = 30_000;

/** Resolves when each answers about a token. @returns how long that took, in milliseconds */
export async function recovered(
  instances: readonly Callable[],
  token: string,
  history: History,
  withinMs = RECOVERY_MS,
): Promise<number> {
  const begun = performance.now();
  const calls = recordedCalls(history, "recovery");
  for (const at of instances) {
    await until(
      `${at.name} answers again`,
      async () => {
        const { outcome } = await calls.introspect(at, token);
        return outcome === "ok" ? true : undefined;
      },
      withinMs,
    );
  }
  return performance.now() - begun;
}

/** Resolves when each answers about a token, and acknowledges a revocation. */
export async function worksAgain(instances: readonly Callable[], token: string, history: History): Promise<void> {
  const calls = recordedCalls(history, "recovery");
  await recovered(instances, token, history);
  for (const at of instances) {
    await until(
      `${at.name} revokes again`,
      async () => {
        const { outcome } = await calls.revoke(at, { by: "subject", subject: `nobody-${performance.now()}` });
        return outcome === "ok" ? true : undefined;
      },
      RECOVERY_MS,
    );
  }
}

/** Asks everybody about everything. @returns since when, for the checker */
export async function askAll(
  instances: readonly Callable[],
  tokens: readonly string[],
  history: History,
): Promise<number> {
  const calls = recordedCalls(history, "settler");
  const settledFrom = performance.now();
  const waiting = instances.flatMap((at) => tokens.map((token) => ({ at, token })));
  const work = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { at, token } = next;
      await until(`${at.name} answers about a token`, async () => {
        const { outcome } = await calls.introspect(at, token);
        return outcome === "ok" ? true : undefined;
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return settledFrom;
}

import { setTimeout as delay } from "node:timers/promises";

/** Polls until the value is there. @throws Error at the deadline, with what was awaited */
export async function eventually<Value>(
  what: string,
  find: () => Promise<Value | undefined> | Value | undefined,
  deadlineMs = 15_000,
): Promise<Value> {
  const deadline = performance.now() + deadlineMs;
  while (performance.now() < deadline) {
    const value = await find();
    if (value !== undefined) return value;
    await delay(20);
  }
  throw new Error(`not within ${deadlineMs} ms: ${what}`);
}

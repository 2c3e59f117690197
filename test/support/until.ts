import { setTimeout as sleep } from "node:timers/promises";

/** Asks again until the answer is not undefined. @throws Error at the deadline, with what was awaited */
export async function until<T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  deadlineMs = 15_000,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) {
      return answer;
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${deadlineMs} ms in vain until ${what}`);
    }
    await sleep(10);
  }
}

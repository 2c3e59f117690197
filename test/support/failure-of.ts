import { CallError } from "./call-error.ts";

/** How a call failed. Begins to listen at once, so that a failure may come before it is awaited. @throws Error when it succeeded */
export async function failureOf(call: Promise<unknown>): Promise<CallError> {
  const outcome: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (outcome instanceof CallError) return outcome;
  throw new Error("the call did not fail as a call", { cause: outcome });
}

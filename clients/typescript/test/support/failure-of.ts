import { AssayClientError } from "../../src/index.ts";

/** How a call failed. Begins to listen at once, so that it may fail before it is awaited. @throws Error when it did not fail as a call */
export async function failureOf(call: Promise<unknown>): Promise<AssayClientError> {
  const outcome: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (outcome instanceof AssayClientError) return outcome;
  throw new Error("the call did not fail as a call", { cause: outcome });
}

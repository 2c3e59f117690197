import { AssayError } from "./error.ts";

/** The call that work is done for, as far as the core cares: whether anybody still waits for the answer. */
export type Call = {
  /** It was cancelled, or its deadline has passed. */
  isGone(): boolean;
  /** Runs `leave` when the call goes; not when it has gone already. @returns a function that takes this back */
  onGone(leave: () => void): () => void;
};

/**
 * For the places between the steps of a decision, before what is costly and before the first write. Never between a write and what
 * follows from it, such as the death of a family: whoever hangs up must not prevent that.
 * @throws AssayError `call_gone`
 */
export function stopIfGone(call: Call | undefined): void {
  if (call?.isGone() === true) throw callGone();
}

/**
 * Waits for work that others may share: when the call goes it waits no longer, and the work goes on without it.
 * @throws AssayError `call_gone`
 */
export async function unlessGone<T>(call: Call | undefined, work: () => Promise<T>): Promise<T> {
  stopIfGone(call);
  if (call === undefined) return work();
  const shared = work();
  return new Promise<T>((resolve, reject) => {
    const takeBack = call.onGone(() => reject(callGone()));
    shared.finally(takeBack).then(resolve, reject);
  });
}

export function callGone(): AssayError {
  return new AssayError("call_gone", "the call was cancelled, or its deadline has passed");
}

import { type Call, stopIfGone, unlessGone } from "./call.ts";

export type Task<T> = {
  /** The call goes when nobody waits any more. */
  run(call: Call | undefined): Promise<T>;
  /** Whether what came of it serves who came after it had begun. Who is not served runs it again, alone. */
  serves(outcome: T): boolean;
};

/**
 * Runs a task once for all that ask for it, by its name, before it ends. One that goes waits no longer, and the others get what they
 * wait for. Nothing is kept: who comes after the end begins anew, also after a failure. It holds no more names than callers wait.
 * @throws AssayError `call_gone`, and what the task throws
 */
export type SharedWork<T> = (call: Call | undefined, name: string, task: Task<T>) => Promise<T>;

type UnderWay<T> = { outcome: Promise<T>; waiters: Waiters };

export function sharedWork<T>(): SharedWork<T> {
  const underWay = new Map<string, UnderWay<T>>();

  function begin(name: string, task: Task<T>): UnderWay<T> {
    const end = (): void => {
      if (underWay.get(name) === begun) underWay.delete(name);
    };
    const waiters = nobodyYet(end);
    const begun = { outcome: task.run(waiters.call), waiters };
    underWay.set(name, begun);
    begun.outcome.then(end, end);
    return begun;
  }

  return async (call, name, task) => {
    stopIfGone(call);
    const present = underWay.get(name);
    const { outcome, waiters } = present ?? begin(name, task);
    const came = await waiters.wait(() => unlessGone(call, () => outcome));
    return present === undefined || task.serves(came) ? came : task.run(call);
  };
}

type Waiters = {
  /** Goes with the last of them. */
  call: Call;
  wait<T>(until: () => Promise<T>): Promise<T>;
};

function nobodyYet(lastLeft: () => void): Waiters {
  const toldToLeave = new Set<() => void>();
  let waiting = 0;
  let haveGone = false;

  function leave(): void {
    waiting -= 1;
    if (waiting > 0) return;
    haveGone = true;
    lastLeft();
    for (const told of toldToLeave) told();
  }

  return {
    call: {
      isGone: () => haveGone,
      onGone(told) {
        toldToLeave.add(told);
        return () => void toldToLeave.delete(told);
      },
    },
    async wait(until) {
      waiting += 1;
      try {
        return await until();
      } finally {
        leave();
      }
    },
  };
}

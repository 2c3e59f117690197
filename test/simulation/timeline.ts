/** Holds from a time on, in milliseconds, until the next step. */
export type Step<Value> = { from: number; value: Value };

/** What holds when. Before the first step the first holds. @param steps in order of time, at least one */
export function timeline<Value>(steps: readonly Step<Value>[]): (at: number) => Value {
  const [first] = steps;
  if (first === undefined) throw new Error("a timeline needs a step");
  return (at) => {
    let [low, high] = [0, steps.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((steps[middle] ?? first).from <= at) low = middle + 1;
      else high = middle;
    }
    return (steps[low - 1] ?? first).value;
  };
}

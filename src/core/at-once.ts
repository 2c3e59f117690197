/** What may be at hand already: then nobody waits for it, and no promise is made. */
export type AtOnce<T> = T | Promise<T>;

/** Goes on with a value: at once where it is there. */
export function after<T, U>(value: AtOnce<T>, next: (value: T) => AtOnce<U>): AtOnce<U> {
  // oxlint-disable-next-line promise/no-callback-in-promise -- it is what goes on
  return value instanceof Promise ? value.then(next) : next(value);
}

/** All of them, in their order: at once where each is there. */
export function all<T>(values: readonly AtOnce<T>[]): AtOnce<T[]> {
  const there: T[] = [];
  for (const value of values) {
    if (value instanceof Promise) return Promise.all(values);
    there.push(value);
  }
  return there;
}

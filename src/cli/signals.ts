export type Signals = { first: Promise<void>; second: Promise<void> };

/** Ctrl-C reaches both npm and its child, and npm passes it on: two signals so close together are one wish. */
const ONE_WISH_MS = 500;

/** Listens for SIGTERM and SIGINT from now on: none of them ends the process by itself any more. */
export function listenForSignals(): Signals {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  let firstAt: number | undefined;
  const onSignal = (): void => {
    firstAt ??= performance.now();
    first.resolve();
    if (performance.now() - firstAt > ONE_WISH_MS) second.resolve();
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  return { first: first.promise, second: second.promise };
}

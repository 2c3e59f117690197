export type Signals = {
  first: Promise<void>;
  second: Promise<void>;
  /** SIGHUP: what has changed is to be taken over. */
  onHangUp(listener: () => void): void;
};

/** Ctrl-C reaches both npm and its child, and npm passes it on: two signals so close together are one wish. */
const ONE_WISH_MS = 500;

/** Listens for SIGTERM, SIGINT and SIGHUP from now on: none of them ends the process by itself any more. */
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
  const hangUps: (() => void)[] = [];
  process.on("SIGHUP", () => {
    for (const listener of hangUps) listener();
  });
  return { first: first.promise, second: second.promise, onHangUp: (listener) => void hangUps.push(listener) };
}

const AFTER_MS = 1_000;

/**
 * Gives back to the system what the start needed and serving does not, about 30 MB: left alone, V8 keeps it for as long as little is
 * asked. It stops everything for some tens of milliseconds, so it is done once, when it has been ready for a second: no start waits
 * for it. Nothing is done unless Node was started with `--expose-gc`, as in the image.
 * @returns what is to be called whenever it is ready
 */
export function startMemoryRelease(): () => void {
  let { gc } = globalThis;
  return () => {
    const release = gc;
    gc = undefined;
    if (release === undefined) return;
    setTimeout(() => release({ type: "major", execution: "sync", flavor: "last-resort" }), AFTER_MS).unref();
  };
}

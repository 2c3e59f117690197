/**
 * Gives back to the system what the start needed and serving does not, about 30 MB: left alone, V8 keeps it for as long as little is
 * asked. Stops everything for some tens of milliseconds. Nothing is done unless Node was started with `--expose-gc`, as in the image.
 */
export function releaseStartMemory(): void {
  globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
}

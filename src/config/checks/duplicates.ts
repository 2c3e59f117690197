import type { Path } from "../config-error.ts";
import { formatPath } from "../config-error.ts";

/** Reports each value that an earlier entry has too, naming the earlier place and never the value. */
export function reportDuplicates(
  entries: ReadonlyArray<{ value: string | undefined; path: Path }>,
  what: string,
  report: (path: Path, message: string) => void,
): void {
  const first = new Map<string, Path>();
  for (const { value, path } of entries) {
    if (value === undefined) continue;
    const earlier = first.get(value);
    if (earlier === undefined) first.set(value, path);
    else report(path, `${what} (${formatPath(earlier)}): change or remove one of them`);
  }
}

import type { Mistake, Path } from "./config-error.ts";
import { formatPath } from "./config-error.ts";
import { environmentVariables } from "./environment-variables.ts";
import { fromShorthand } from "./schema-store.ts";

export type Overlay = {
  value: unknown;
  mistakes: readonly Mistake[];
  /** The variable that set a path or something around it. */
  variableFor(path: Path): string | undefined;
};

/** Lays the `ASSAY_…` variables over what the file says. */
export function overlayEnvironment(value: unknown, env: NodeJS.ProcessEnv): Overlay {
  let overlaid = structuredClone(value);
  const mistakes: Mistake[] = [];
  const setBy = new Map<string, string>();
  for (const { name, path, read } of environmentVariables()) {
    const text = env[name];
    if (text === undefined) continue;
    if (text.trim() === "") {
      mistakes.push({ path: formatPath(path), message: "is empty: give it a value or unset it", where: name });
      continue;
    }
    overlaid = withValue(overlaid, path, read(text));
    setBy.set(formatPath(path), name);
  }
  return { value: overlaid, mistakes, variableFor: (path) => nearestAround(setBy, path) };
}

function withValue(parent: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const section = fromShorthand(parent);
  const existing = typeof section === "object" && section !== null ? { ...section } : {};
  return { ...existing, [key]: withValue(Reflect.get(existing, key), rest, value) };
}

function nearestAround(setBy: ReadonlyMap<string, string>, path: Path): string | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const name = setBy.get(formatPath(path.slice(0, length)));
    if (name !== undefined) return name;
  }
  return undefined;
}

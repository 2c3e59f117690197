import { StartError } from "../core/start-error.ts";

export type Path = ReadonlyArray<string | number>;

/** One thing that is wrong with the configuration, and how to mend it. */
export type Mistake = {
  /** As one writes it: `callers[0].permissions`. Empty for the file as a whole. */
  path: string;
  message: string;
  /** The file's line and column, or the environment variable, that says so. */
  where?: string;
};

/** All mistakes of a configuration at once; the message lists them one a line. */
export class ConfigError extends StartError {
  readonly mistakes: readonly Mistake[];
  readonly source: string | undefined;

  constructor(source: string | undefined, mistakes: readonly Mistake[]) {
    super([heading(source, mistakes.length), ...mistakes.map(line)].join("\n"));
    this.name = "ConfigError";
    this.mistakes = mistakes;
    this.source = source;
  }
}

/** `["callers", 0, "permissions"]` as `callers[0].permissions`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}

function heading(source: string | undefined, count: number): string {
  const what = source === undefined ? "The configuration" : `The configuration ${source}`;
  return `${what} has ${count === 1 ? "a mistake" : `${count} mistakes`}:`;
}

function line({ path, message, where }: Mistake): string {
  const subject = [path, where === undefined ? "" : `(${where})`].filter((part) => part !== "").join(" ");
  return subject === "" ? `  - ${message}` : `  - ${subject}: ${message}`;
}

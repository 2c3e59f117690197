/** What may be said of an error in a log: its own properties, such as the arguments of a failed command, may hold anything. */
export type ErrorSummary = { type: string; message: string; code?: string; stack?: string; cause?: ErrorSummary };

const GREATEST_CAUSES = 3;
const TOKEN = /asy_(?:at|rt|cs)_\w+|\beyJ[\w-]{8,}(?:\.[\w-]*){0,4}/g;

export function summarise(error: unknown, causes = GREATEST_CAUSES): ErrorSummary {
  if (!(error instanceof Error)) return { type: typeof error, message: "not an Error" };
  const { cause, stack } = error;
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return {
    type: error.name,
    message: messageOf(error),
    ...(code === undefined ? {} : { code }),
    ...(stack === undefined ? {} : { stack: framesOf(stack) }),
    ...(cause === undefined || causes === 0 ? {} : { cause: summarise(cause, causes - 1) }),
  };
}

/** A parser quotes what it could not read. */
function messageOf(error: Error): string {
  return error instanceof SyntaxError ? "[redacted]" : error.message.replaceAll(TOKEN, "[redacted]");
}

/** Without the first lines, which repeat the message. */
function framesOf(stack: string): string {
  return stack
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .join("\n");
}

import { fileURLToPath } from "node:url";
import { startChild } from "../child-process.ts";
import { generateHttp1Load, type Http1Caller } from "./http1-load.ts";

const SCRIPT = fileURLToPath(new URL("constant-http1-process.ts", import.meta.url));

/** Calls a second that our HTTP/1.1 generator reaches with these callers where a server only answers with a constant. */
export async function http1Ceiling(
  callers: readonly Http1Caller[],
  body: string,
  milliseconds: number,
): Promise<number> {
  const server = await startChild([SCRIPT, body], {}, (line) => /^\d+$/.test(line), { on: "server" });
  const unchecked = callers.map(({ next }) => ({ next, check: () => undefined }));
  try {
    const load = { port: Number(server.firstLine), callers: unchecked, milliseconds };
    await generateHttp1Load(load);
    const { calls, seconds } = await generateHttp1Load(load);
    return calls / seconds;
  } finally {
    await server.stop();
  }
}

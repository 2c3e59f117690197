import { fileURLToPath } from "node:url";
import { startChild } from "../child-process.ts";
import type { Load } from "./load.ts";
import { startLoad } from "./start-load.ts";

const SCRIPT = fileURLToPath(new URL("constant-server.ts", import.meta.url));

/** Calls a second that our generator reaches with this load where a server only answers with constant frames. */
export async function generatorCeiling(load: Load, answer: Uint8Array, milliseconds: number): Promise<number> {
  const server = await startChild([SCRIPT, Buffer.from(answer).toString("base64")], {}, (line) => /^\d+$/.test(line), {
    on: "server",
  });
  const running = await startLoad({ ...load, origin: `http://127.0.0.1:${server.firstLine}`, isChecked: false });
  try {
    await running.run({ milliseconds });
    const { calls, seconds } = await running.run({ milliseconds });
    return calls / seconds;
  } finally {
    await running.stop();
    await server.stop();
  }
}

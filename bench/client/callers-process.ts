/**
 * Many concurrent callers in one process: each asks about a token, checks the answer, and asks about the next. Started by the bench with
 * settings as JSON; says when it is connected, then does each run that it is sent, for so many milliseconds.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { coalescing } from "./coalescing.ts";
import { eachAlone } from "./each-alone.ts";

const settings = z.object({
  kind: z.enum(["alone", "coalescing"]),
  /** `HOST:PORT` */
  address: z.string(),
  secret: z.string(),
  callers: z.number(),
  /** A file of JSON: each token, and whether it must come back active. */
  tokens: z.string(),
});
export type CallersSettings = z.infer<typeof settings>;
export type CallersRun = { calls: number; seconds: number };

const { kind, address, secret, callers, tokens } = settings.parse(JSON.parse(process.argv[2] ?? "{}"));
const questions = z.array(z.tuple([z.string(), z.boolean()])).parse(JSON.parse(readFileSync(tokens, "utf8")));
const { ask, close } = kind === "alone" ? eachAlone(address, secret) : coalescing(address, secret);
let place = 0;

await askNext();
process.on("message", (milliseconds) => void run(Number(milliseconds)).then((told) => process.send?.(told)));
process.on("disconnect", close);
process.send?.("ready");

async function run(milliseconds: number): Promise<CallersRun> {
  const start = performance.now();
  let calls = 0;
  const caller = async (): Promise<void> => {
    for (; performance.now() < start + milliseconds; calls++) await askNext();
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return { calls, seconds: (performance.now() - start) / 1_000 };
}

async function askNext(): Promise<void> {
  const question = questions[place++ % questions.length];
  if (question === undefined) throw new Error("there are no tokens");
  const [token, isActive] = question;
  if ((await ask(token)) !== isActive)
    throw new Error(`a token that is ${isActive ? "" : "not "}active got the wrong answer`);
}

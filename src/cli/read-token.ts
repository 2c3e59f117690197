import { badUsage } from "./failure.ts";

/** More than the greatest token by far. */
const GREATEST_INPUT = 65_536;

/** A token as an argument gives it; `-` reads it from standard input, where no list of processes shows it. */
export async function readToken(argument: string): Promise<string> {
  if (argument !== "-") return argument;
  const token = (await readInput()).trim();
  if (token === "") throw badUsage("standard input holds no token: pipe one in");
  if (/\s/.test(token)) throw badUsage("standard input holds more than one token: pipe in one");
  return token;
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > GREATEST_INPUT) throw badUsage("standard input holds more than 64 KiB, which is no token");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

import { stripVTControlCharacters, styleText } from "node:util";
import { type Ran, runCli, type Serve } from "./processes.ts";

export const AUDIENCE = "https://api.example";

export type Answer = Record<string, unknown>;
export type Step = {
  says: string;
  /** In plain words, what it is about. */
  because?: string;
  args: readonly string[];
  /** Of who opens the store rather than calls the service. */
  isLocal?: boolean;
  expectCode: number;
  expect?: (answer: Answer) => boolean;
};

/** Says what is done, does it on the command line, and shows the answer. @throws Error where it is another than the step says */
export async function runStep(step: Step, server: Serve): Promise<Answer> {
  const { says, because, isLocal = false } = step;
  const args = [...step.args, "--json", ...(isLocal ? [] : ["--address", server.address])];
  console.log(`\n${styleText("bold", says)}`);
  if (because !== undefined) console.log(because);
  console.log(styleText("dim", `$ assay ${args.map(quoted).join(" ")}`));
  const { code, output } = await runIt(args, server, isLocal);
  console.log(shortened(stripVTControlCharacters(output)).trimEnd());
  const answer = parse(output);
  if (code !== step.expectCode || step.expect?.(answer) === false) {
    throw new Error(`the step '${says}' ended with exit code ${code}, not ${step.expectCode}, or with another answer`);
  }
  return answer;
}

export function refresh(token: string): string[] {
  return ["refresh", token, "--client", "dev"];
}

export function isActive(answer: Answer): boolean {
  return answer["active"] === true;
}

export function isInactive(answer: Answer): boolean {
  return answer["active"] === false;
}

export function textOf(answer: Answer, member: string): string {
  const value = answer[member];
  if (typeof value !== "string") throw new Error(`the answer has no ${member}`);
  return value;
}

function runIt(args: readonly string[], { settings }: Serve, isLocal: boolean): Promise<Ran> {
  return isLocal ? runCli(args, settings) : runCli(args);
}

function parse(output: string): Answer {
  try {
    const value: unknown = JSON.parse(output);
    return Object(value);
  } catch {
    return {};
  }
}

/** Tokens are long, and these are worth nothing: enough of each to tell them apart. */
function shortened(text: string): string {
  return text.replaceAll(/[\w.-]{60,}/g, (token) => `${token.slice(0, 24)}…${token.slice(-6)}`);
}

function quoted(argument: string): string {
  const short = shortened(argument);
  return short.includes(" ") ? `'${short}'` : short;
}

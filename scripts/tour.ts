/**
 * npm run tour: a session on the command line, step by step, against servers of its own on free ports.
 * With ASSAY_STORE=redis://… two servers share that Redis, and what is revoked at one is inactive at the other.
 * The Redis keeps its master key in ASSAY_KEYS_DIR, or ./data/keys, as `npm start` does.
 * Ends with exit code 1 as soon as a step does not do what it says.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters, styleText } from "node:util";
import { runCli, startServe, type Serve } from "./tour/processes.ts";

const AUDIENCE = "https://api.example";
const storeUrl = process.env["ASSAY_STORE"];

type Answer = Record<string, unknown>;
type Step = {
  says: string;
  args: readonly string[];
  at?: Serve;
  expectCode: number;
  expect?: (answer: Answer) => boolean;
};

const directory = await mkdtemp(join(tmpdir(), "assay-tour-"));
const servers: Serve[] = [];
try {
  servers.push(await startServe(directory, storeUrl));
  if (storeUrl?.startsWith("redis") === true) servers.push(await startServe(directory, storeUrl));
  await tour(servers);
  console.log(styleText("green", "\nThe tour is over: every step did what it says."));
} catch (error) {
  console.error(styleText("red", error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
} finally {
  for (const server of servers) await server.stop();
  await rm(directory, { recursive: true, force: true });
}

async function tour(all: readonly Serve[]): Promise<void> {
  const first = all[0];
  const last = all.at(-1);
  if (first === undefined || last === undefined) throw new Error("no server");
  const run = (step: Step) => runStep(step, step.at ?? first);
  const issue = ["issue", "--client", "dev", "--subject", "alice", "--audience", AUDIENCE, "--scope", "read write"];

  const jwt = await run({ says: "Issue a JWT, with a refresh token", args: [...issue, "--refresh"], expectCode: 0 });
  const opaque = await run({ says: "Issue an opaque token", args: [...issue, "--format", "opaque"], expectCode: 0 });
  const jwtToken = textOf(jwt, "access_token");
  const opaqueToken = textOf(opaque, "access_token");
  const firstRefresh = textOf(jwt, "refresh_token");
  await run({ says: "The JWT is active", args: ["introspect", jwtToken], expectCode: 0, expect: isActive });
  await run({ says: "The opaque token is active", args: ["introspect", opaqueToken], expectCode: 0, expect: isActive });

  const second = await run({ says: "Refresh: a new pair of tokens", args: refresh(firstRefresh), expectCode: 0 });
  await run({
    says: "The old refresh token is inactive",
    args: ["introspect", firstRefresh],
    expectCode: 1,
    expect: isInactive,
  });
  await run({ says: "Use the successor", args: refresh(textOf(second, "refresh_token")), expectCode: 0 });
  await run({
    says: "Replay the first refresh token: refused, and its family dies",
    args: refresh(firstRefresh),
    expectCode: 1,
  });
  await run({
    says: "Everything minted from that family is inactive",
    args: ["introspect", textOf(second, "access_token")],
    at: last,
    expectCode: 1,
    expect: isInactive,
  });
  await run({
    says: "The opaque token is of another family: still active",
    args: ["introspect", opaqueToken],
    expectCode: 0,
  });
  await run({ says: "Revoke everything of alice until now", args: ["revoke", "--subject", "alice"], expectCode: 0 });
  await run({
    says: last === first ? "The opaque token is inactive" : "The opaque token is inactive at the other server too",
    args: ["introspect", opaqueToken],
    at: last,
    expectCode: 1,
    expect: isInactive,
  });
}

function refresh(token: string): string[] {
  return ["refresh", token, "--client", "dev"];
}

async function runStep(step: Step, server: Serve): Promise<Answer> {
  console.log(`\n${styleText("bold", step.says)}`);
  console.log(styleText("dim", `$ assay ${step.args.map(quoted).join(" ")} --json --address ${server.address}`));
  const { code, output } = await runCli([...step.args, "--json", "--address", server.address]);
  console.log(shortened(stripVTControlCharacters(output)).trimEnd());
  const answer = parse(output);
  if (code !== step.expectCode || step.expect?.(answer) === false) {
    throw new Error(
      `the step '${step.says}' ended with exit code ${code}, not ${step.expectCode}, or with another answer`,
    );
  }
  return answer;
}

function isActive(answer: Answer): boolean {
  return answer["active"] === true;
}

function isInactive(answer: Answer): boolean {
  return answer["active"] === false;
}

function textOf(answer: Answer, member: string): string {
  const value = answer[member];
  if (typeof value !== "string") throw new Error(`the answer has no ${member}`);
  return value;
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

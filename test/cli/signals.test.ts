/** What the command line says of whence a client came, and what it is told of misuse. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { API, ORDERS, startServerForFile, testCaller, type TestServer } from "../support/server.ts";
import { AWAY, HOME, MOVED } from "../wire/away.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { assay } from "./run-assay.ts";

const plain = testCaller({ name: "plain", permissions: ["introspect"], audiences: [API] });

let server: TestServer;
beforeAll(async () => {
  server = await startServerForFile({ callers: [plain.entry] });
});
afterAll(() => server.stop());

const FROM_HOME = fromThere(HOME);
const FROM_AWAY = fromThere(AWAY);

function fromThere({ client_ip: address = "", user_agent: agent = "" }): readonly string[] {
  return ["--client-ip", address, "--user-agent", agent];
}

function run(words: readonly string[]) {
  return assay(words, { env: { ASSAY_ADDRESS: server.address } });
}

async function json(words: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await run([...words, "--json"]);
  const answer: Record<string, unknown> = JSON.parse(stdout === "" ? stderr : stdout);
  return answer;
}

async function issued(...context: readonly string[]) {
  const words = ["issue", "--client", "web", "--subject", "alice", "--audience", API, "--refresh", ...context];
  const { access_token: access, refresh_token: refresh } = await json(words);
  return { access: String(access), refresh: String(refresh) };
}

/** What is told of a token that is used from away. */
function signalsOf(token: unknown): Promise<Record<string, unknown>> {
  return json(["introspect", String(token), "--signals", ...FROM_AWAY]);
}

const TOLD = { kind: MOVED.kind, severity: "warning", detail: MOVED.detail, caller: "development", client_id: "web" };

test("issue, refresh and exchange say whence the client came, and introspect --signals what that shows", async () => {
  const { access } = await issued(...FROM_HOME);
  expect(await signalsOf(access)).toMatchObject({ active: true, signals: [TOLD] });

  const other = await issued(...FROM_AWAY);
  const refreshed = await json(["refresh", other.refresh, "--client", "web", ...FROM_HOME]);
  expect(await signalsOf(refreshed["access_token"])).toMatchObject({ active: true, signals: [TOLD] });

  const exchange = ["exchange", "--client", "web", "--subject-token", other.access, "--audience", ORDERS];
  const exchanged = await json([...exchange, ...FROM_HOME]);
  expect(await signalsOf(exchanged["access_token"])).toMatchObject({ active: true, signals: [TOLD] });
});

test("for a reader a signal is a line of its own after what the token says", async () => {
  const { access } = await issued(...FROM_HOME);
  const { code, stdout } = await run(["introspect", access, "--signals", ...FROM_AWAY]);
  expect(code).toBe(0);
  const [active, lines] = stdout.split("\n\n");
  expect(active).toMatch(/^active\n/);
  expect(lines).toMatch(
    /^\S+Z {2}warning {3}a token came from elsewhere than it was issued to \(network and user agent\); client web; presented by development; token [0-9a-f]{16}; family [0-9a-f]{16}; .*\n$/,
  );
  const again = await run(["introspect", access, "--signals", ...FROM_AWAY]);
  expect(again.stdout.endsWith("\n\nno signals\n")).toBe(true);
});

test("signals are there, be there none, where they were asked for, and nowhere else", async () => {
  const { access } = await issued();
  expect(await json(["introspect", access, "--signals"])).toMatchObject({ active: true, signals: [] });
  expect(await json(["introspect", access])).not.toHaveProperty("signals");
  expect((await run(["introspect", access])).stdout).not.toContain("signals");
});

test("who may not diagnose is refused, which says nothing of the token", async () => {
  const { access } = await issued();
  const secretFile = join(await temporaryDirectory(), "secret");
  await writeFile(secretFile, plain.secret, { mode: 0o600 });
  const words = ["introspect", access, "--secret-file", secretFile];
  expect((await run(words)).code).toBe(0);
  const { code, stderr } = await run([...words, "--signals", "--json"]);
  expect(code).toBe(3);
  expect(JSON.parse(stderr)).toMatchObject({ error: { reason: "PERMISSION_MISSING" } });
});

test("what is no address is exit code 2 with the field", async () => {
  const words = ["issue", "--client", "web", "--subject", "alice", "--audience", API, "--client-ip", "home"];
  const { code, stderr } = await run([...words, "--json"]);
  expect(code).toBe(2);
  expect(JSON.parse(stderr)).toMatchObject({ error: { fields: [{ field: "mint.context.client_ip" }] } });
});

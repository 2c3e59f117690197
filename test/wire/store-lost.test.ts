/** The store lost everything while instances run: what an operator sees, decides and gets back. */
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { assay } from "../cli/run-assay.ts";
import { eventually } from "../support/eventually.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { type ServedByCli, serveByCli } from "./cli-server.ts";

const MINT = ["issue", "--client", "dev", "--subject", "alice", "--audience", "https://api.example", "--json"];
const token = z.object({ access_token: z.string() });
const answered = z.object({ accepted: z.boolean(), predecessors: z.array(z.string()).optional() });

let redis: RedisServer;
let env: NodeJS.ProcessEnv;
let instance: ServedByCli;
beforeEach(async () => {
  redis = await startRedisServer();
  onTestFinished(() => redis.remove());
  env = { ASSAY_STORE: redis.url };
  instance = await serveByCli({ env });
});

/** The operator, who sits where the instance runs. */
async function operator(...words: string[]) {
  return assay(words, { cwd: instance.directory, env: { ...env, ASSAY_ADDRESS: instance.address } });
}

async function issued(): Promise<string> {
  return token.parse(JSON.parse((await operator(...MINT)).stdout)).access_token;
}

/** Everything goes, and the instance has noticed. @returns the command that its log names */
async function loseEverything(): Promise<string[]> {
  await redis.admin.flushall();
  return eventually("the log names the operator's command", () => {
    const [, named = ""] =
      /`assay (store accept-loss --predecessor [0-9a-f-]{36})`/.exec(instance.printed.stdout) ?? [];
    return named === "" ? undefined : named.split(" ");
  });
}

test("the instance closes, and puts back keys and revocations when the loss is accepted with the command that its log names", async () => {
  const [revoked, alive] = [await issued(), await issued()];
  expect((await operator("revoke", revoked)).code).toBe(0);
  const command = await loseEverything();
  expect((await operator("introspect", revoked)).code).toBe(3);
  expect((await operator("introspect", alive)).code).toBe(3);

  const accepted = await operator(...command, "--yes", "--json");
  expect([accepted.code, answered.parse(JSON.parse(accepted.stdout))]).toEqual([
    0,
    { accepted: true, predecessors: [command.at(-1)] },
  ]);
  await eventually("it answers again", async () =>
    (await operator("introspect", alive)).code === 0 ? true : undefined,
  );
  expect((await operator("introspect", revoked)).code).toBe(1);
  expect((await operator("doctor")).code).toBe(0);
});

test("an instance started afterwards knows the keys and what was revoked before the loss", async () => {
  const [revoked, alive] = [await issued(), await issued()];
  await operator("revoke", revoked);
  const command = await loseEverything();
  await operator(...command, "--yes");
  await eventually("it answers again", async () =>
    (await operator("introspect", alive)).code === 0 ? true : undefined,
  );

  const other = await serveByCli({ env: { ...env, ASSAY_KEYS_DIR: `${instance.directory}/data/keys` } });
  const ask = (what: string) => assay(["introspect", what], { env: { ASSAY_ADDRESS: other.address } });
  expect([(await ask(alive)).code, (await ask(revoked)).code]).toEqual([0, 1]);
});

test("an instance started where nobody is left who holds what was lost opens once the operator says so", async () => {
  const command = await loseEverything();
  instance.signal("SIGTERM");
  await instance.ended;
  await operator(...command, "--yes");

  instance = await serveByCli({ env });
  await eventually(
    "the log says what is awaited",
    () => instance.printed.stdout.includes("nobody has put back yet") || undefined,
  );
  expect((await operator("health")).code).not.toBe(0);
  expect((await operator(...MINT)).code).not.toBe(0);
  await operator("store", "accept-loss", "--nobody-left", "--yes");
  await eventually("it issues", async () => ((await operator(...MINT)).code === 0 ? true : undefined));
});

test("without --yes it only says what is lost, and what will happen", async () => {
  const command = await loseEverything();
  const { code, stdout } = await operator(...command);
  expect(code).toBe(1);
  expect(stdout).toMatch(/has lost everything: revocations, refresh token families, opaque tokens/);
  expect(stdout).toContain(`Instances that still run on the store ${command.at(-1)} go over to the new one`);
  expect(stdout).toMatch(/Nothing was done\. To accept it, .*assay store accept-loss --predecessor .* --yes/);
  expect(await redis.admin.dbsize()).toBe(0);
});

test("an empty Redis without a predecessor is refused, because the running instance would stay closed", async () => {
  await loseEverything();
  const { code, stderr } = await operator("store", "accept-loss", "--yes");
  expect(code).toBe(1);
  expect(stderr).toContain("assay store init");
  expect(await redis.admin.dbsize()).toBe(0);
});

test("where a part is left, no predecessor need be named", async () => {
  const alive = await issued();
  await redis.admin.del("assay:{revocations}:live");
  await eventually("the instance is closed", async () =>
    (await operator("introspect", alive)).code === 3 ? true : undefined,
  );
  const { code, stdout } = await operator("store", "accept-loss", "--yes");
  expect([code, stdout]).toEqual([0, expect.stringContaining("has lost: the live revocations, or their canary.")]);
  await eventually("it answers again", async () =>
    (await operator("introspect", alive)).code === 0 ? true : undefined,
  );
});

test("the doctor names the operator's command where a part has gone, and changes nothing", async () => {
  await redis.admin.del("assay:{revocations}:live");
  const { code, stdout } = await operator("doctor");
  expect([code, stdout]).toEqual([1, expect.stringContaining("accept the loss: assay store accept-loss")]);
  expect(await redis.admin.exists("assay:{revocations}:live")).toBe(0);
});

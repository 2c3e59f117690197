import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { makeCallerSecret } from "../../src/core/token/caller-secret.ts";
import { encodeOpaqueToken } from "../../src/core/token/opaque-token.ts";
import { encodeRefreshToken } from "../../src/core/token/refresh-token.ts";
import { uuidV7 } from "../../src/core/token/uuid.ts";
import { leakFinder, searchRun } from "../support/leaks/find-leaks.ts";
import { appendEmitted, appendSecret } from "../support/leaks/run-directory.ts";
import type { Secret } from "../support/leaks/secret-forms.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const repository = resolve(import.meta.dirname, "../..");

const bytes = randomBytes(32);
const key: Secret = { kind: "a key", key: bytes };
const opaque = encodeOpaqueToken(bytes);
const fields = { macKeyId: 7, sid: uuidV7(Date.now(), randomBytes(10)), generation: 3 };
const refresh = encodeRefreshToken(fields, bytes, randomBytes(16));
const [header, payload, signature] = ['{"alg":"EdDSA"}', '{"sub":"alice","jti":"4711"}', randomBytes(64)].map((part) =>
  Buffer.from(part).toString("base64url"),
);
const jwt = `${header}.${payload}.${signature}`;

/** In the middle of 100 KB of other random text. */
function amid(text: string | Buffer): Buffer {
  return Buffer.concat([noise(), Buffer.from(text), noise()]);
}

function noise(): Buffer {
  return Buffer.from(randomBytes(37_501).toString("base64"));
}

function token(value: string): Secret {
  return { kind: "a token", token: value };
}

describe("what betrays a secret is found", () => {
  test.each<[string, Secret, string | Buffer]>([
    ["an opaque token", token(opaque), opaque],
    ["its body without the prefix", token(opaque), opaque.slice(7)],
    ["24 characters of it", token(opaque), opaque.slice(12, 36)],
    ["the random bytes that it holds", token(opaque), bytes],
    ["their base64", token(opaque), bytes.toString("base64")],
    ["a refresh token", token(refresh), `{"token":"${refresh}"}`],
    ["the end of a refresh token", token(refresh), refresh.slice(-30)],
    ["a JWT", token(jwt), jwt],
    ["the signature of a JWT", token(jwt), signature ?? ""],
    ["the payload of a JWT", token(jwt), payload ?? ""],
    ["the secret of a caller", token(makeCallerSecret()), ""],
    ["a raw key", key, bytes],
    ["the first half of a raw key", key, bytes.subarray(0, 16)],
    ["a key in hex", key, bytes.toString("hex")],
    ["a key in capital hex", key, bytes.toString("hex").toUpperCase()],
    ["a key in base64url", key, bytes.toString("base64url")],
    ["a key as Node prints it", key, Buffer.from(bytes.toString("hex").replaceAll(/../g, "$& "))],
    ["a key as JSON", key, JSON.stringify(bytes)],
    ["a personal datum", { kind: "a subject", text: "alice-4711" }, "sub=alice-4711;"],
  ])("%s", (_what, secret, text) => {
    const leaked = text === "" && "token" in secret ? secret.token : text;
    expect(leakFinder([secret]).find(amid(leaked))).toEqual([{ kind: secret.kind, at: expect.any(Number) }]);
  });

  test("among thousands of others that begin alike", () => {
    const alike = (end: string): Secret => token(`${header}.${payload}${end}.${randomBytes(64).toString("base64url")}`);
    const others = Array.from({ length: 5_000 }, (_, number) => alike(String(number)));
    expect(leakFinder([...others, { ...token(jwt), kind: "the one" }]).find(amid(signature ?? ""))).toMatchObject([
      { kind: "the one" },
    ]);
  });

  test("where the store has laid something else in the middle of it", () => {
    const torn = `${opaque.slice(0, 33)}${"\0".repeat(100)}${opaque.slice(33)}`;
    expect(leakFinder([token(opaque)]).find(amid(torn))).toHaveLength(1);
  });
});

describe("what betrays nothing is not found", () => {
  test.each<[string, Secret, string]>([
    ["the header of a JWT, which all share", token(jwt), header ?? ""],
    ["a few characters of a token", token(opaque), opaque.slice(12, 30)],
    ["a part of a personal datum", { kind: "a subject", text: "alice-4711" }, "alice-471"],
    ["a token that is the same letter again and again", token("a".repeat(500)), "a".repeat(500)],
    ["a token that is too short to be one", token("hunter2"), "hunter2"],
    ["a key of zeros", { kind: "a key", key: Buffer.alloc(32) }, "\0".repeat(64)],
  ])("%s", (_what, secret, text) => {
    expect(leakFinder([secret]).find(amid(text))).toEqual([]);
  });
});

describe("a run's directory", () => {
  test("is searched whole: every emission of every worker for every secret of all", async () => {
    const directory = await temporaryDirectory();
    appendSecret(directory, "test/a.test.ts", key);
    appendSecret(directory, "test/a.test.ts", { kind: "a refresh token", token: refresh });
    const emitted = [
      "nothing\n",
      `{"err":"no such token ${refresh}"}\n`,
      Buffer.concat([Buffer.from("SQLite"), bytes]),
    ] as const;
    appendEmitted(directory, "test/a.test.ts", "log", emitted[0]);
    appendEmitted(directory, "test/b.test.ts", "log", emitted[1]);
    appendEmitted(directory, "test/b.test.ts", "store dump", emitted[2]);
    expect(searchRun(directory)).toEqual({
      secrets: 2,
      bytes: emitted[0].length + emitted[1].length + emitted[2].length,
      leaks: expect.arrayContaining([
        { secret: "a refresh token of test/a.test.ts", where: "log of test/b.test.ts", at: expect.any(Number) },
        { secret: "a key of test/a.test.ts", where: "store dump of test/b.test.ts", at: 6 },
      ]),
    });
  });

  test("is for the owner alone", async () => {
    const directory = await temporaryDirectory();
    appendSecret(directory, "test/a.test.ts", key);
    appendEmitted(directory, "test/a.test.ts", "log", "nothing\n");
    const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
    const modes = await Promise.all(
      files.map(async (one) => (await stat(join(one.parentPath, one.name))).mode & 0o777),
    );
    expect(modes).toEqual([0o600, 0o600]);
  });
});

describe("a run of vitest", { timeout: 60_000 }, () => {
  test("that leaks nothing passes, says what was searched, and leaves nothing behind", async () => {
    const { code, output, left } = await runOf(`recordEmitted("log", "nothing")`);
    expect(output).toMatch(/searched 1 secrets in 0\.0 MB of logs, spans, metrics and store dumps: none found/);
    expect({ code, left }).toEqual({ code: 0, left: [] });
  });

  test("that leaks fails although its tests pass, and names what leaked where, but not the secret", async () => {
    const { code, output, left } = await runOf(`recordEmitted("log", "a token: ${opaque}")`);
    expect(output).toMatch(/1 passed[^]*LEAKED\n {2}an opaque access token of \S+: in the log of \S+, at byte \d+/);
    expect(output).not.toContain(opaque.slice(10, 30));
    expect({ code, left }).toEqual({ code: 1, left: [] });
  });
});

/** A vitest of its own, with our global set-up and one test that records a secret and does as it is told. */
async function runOf(statement: string): Promise<{ code: number | null; output: string; left: string[] }> {
  const root = await temporaryDirectory();
  const support = join(repository, "test/support/leaks");
  await mkdir(join(root, "tmp"));
  await writeFile(
    join(root, "vitest.config.mjs"),
    `export default { test: { globals: true, pool: "forks", globalSetup: ["${support}/search-run.ts"] } };`,
  );
  await writeFile(
    join(root, "one.test.ts"),
    `import { recordEmitted, recordTokensIn } from "${support}/record.ts";
     test("one", () => { recordTokensIn("${opaque}"); ${statement}; });`,
  );
  const [command, env] = [join(repository, "node_modules/.bin/vitest"), { ...process.env, TMPDIR: join(root, "tmp") }];
  const { promise, resolve: done } = Promise.withResolvers<{ code: number | null; output: string }>();
  const child = execFile(command, ["run", "--root", root], { env }, (_error, stdout, stderr) =>
    done({ code: child.exitCode, output: stdout + stderr }),
  );
  const ended = await promise;
  return { ...ended, left: (await readdir(join(root, "tmp"))).filter((name) => name.startsWith("assay-leaks-")) };
}

import { expect, test } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { openLog } from "../../src/telemetry/log.ts";

async function logged(fields: object): Promise<string> {
  let lines = "";
  const log = await openLog({ level: "info", format: "json" }, { write: (line: string) => void (lines += line) });
  log.info(fields, "said");
  return lines;
}

function failing(changes: object, message = "it failed"): Error {
  return Object.assign(new Error(message), changes);
}

test("a line is JSON with a time and a level by name", async () => {
  expect(JSON.parse(await logged({ caller: "api" }))).toMatchObject({
    level: "info",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    caller: "api",
    msg: "said",
  });
});

test("a secret cannot be printed, however deep it lies", async () => {
  const line = await logged({ token: new Secret("hunter2"), nested: { list: [new Secret("hunter2")] } });
  expect(line).not.toContain("hunter2");
  expect(line).toContain("[redacted]");
});

test.each<[string, Error]>([
  ["the arguments of a failed command", failing({ command: { name: "auth", args: ["hunter2"] } })],
  ["the input that could not be parsed", failing({ input: "hunter2" })],
  ["what a parser quotes", new SyntaxError("Unexpected token 'h', \"hunter2\" is not valid JSON")],
  ["an opaque token", failing({}, "no record of asy_at_hunter2")],
  ["a JWT", failing({}, "cannot read eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJodW50ZXIyIn0.hunter2")],
  ["the cause's own properties", new Error("it failed", { cause: failing({ args: "hunter2" }) })],
])("of an error %s are not logged", async (_what, error) => {
  const line = await logged({ err: error });
  expect(line).not.toContain("hunter2");
  expect(JSON.parse(line)).toMatchObject({ err: { type: error.name, stack: expect.stringContaining("at ") } });
});

test("of an error the kind, the message, the code and the causes are logged", async () => {
  const line = await logged({
    err: new Error("the store failed", { cause: failing({ code: "ECONNREFUSED" }, "refused") }),
  });
  expect(JSON.parse(line)).toMatchObject({
    err: { type: "Error", message: "the store failed", cause: { message: "refused", code: "ECONNREFUSED" } },
  });
});

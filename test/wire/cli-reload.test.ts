import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeCallerSecret } from "../../src/core/token/caller-secret.ts";
import { createHash } from "node:crypto";
import { openClient } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { serveByCli, type ServedByCli } from "./cli-server.ts";

const SECRET = makeCallerSecret();
const OTHER = makeCallerSecret();

function yaml(...secrets: string[]): string {
  const callers = secrets.map(
    (secret, index) =>
      `  - { name: caller-${index}, secret_sha256: ["${createHash("sha256").update(secret).digest("hex")}"], permissions: [introspect], audiences: [a] }`,
  );
  return `issuer: https://assay.example\ncallers:\n${callers.join("\n")}\n`;
}

async function statusFor({ address }: ServedByCli, secret: string): Promise<string> {
  const client = openClient(address, { secret });
  onTestFinished(() => client.close());
  return client.introspect({ token: "x" }).then(
    () => "OK",
    (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : String(error)),
  );
}

test("a file that changes is taken over by itself", async () => {
  const served = await serveByCli({ yaml: yaml(SECRET) });
  expect(await statusFor(served, OTHER)).toBe("UNAUTHENTICATED");
  await writeFile(join(served.directory, "assay.yaml"), yaml(SECRET, OTHER));
  await eventually("the caller is known", async () => ((await statusFor(served, OTHER)) === "OK" ? true : undefined));
  expect(served.printed.stdout).toContain("the configuration was taken over");
  served.signal("SIGTERM");
  expect(await served.ended).toBe(0);
});

test("a file that is broken is refused with all its mistakes, the old configuration stays, and SIGHUP tries again", async () => {
  const served = await serveByCli({ yaml: yaml(SECRET) });
  const file = join(served.directory, "assay.yaml");
  await writeFile(file, `${await readFile(file, "utf8")}lissten: {}\nlog: { level: loud }\n`);
  const refusals = (): string[] => served.printed.stdout.match(/the changed configuration is refused/g) ?? [];
  await eventually("the change is refused", () => (refusals().length === 1 ? true : undefined));
  served.signal("SIGHUP");
  await eventually("SIGHUP tries again", () => (refusals().length === 2 ? true : undefined));
  expect(served.printed.stdout).toContain("did you mean 'listen'?");
  expect(served.printed.stdout).toContain("log.level");
  expect(await statusFor(served, SECRET)).toBe("OK");
  served.signal("SIGTERM");
  expect(await served.ended).toBe(0);
});

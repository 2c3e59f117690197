import { connect } from "node:http2";
import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { assay, spawnAssay } from "../cli/run-assay.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { serveByCli } from "./cli-server.ts";

describe("what serve says once it listens", () => {
  test("a development start names where it listens, what it stores where and what is off", async () => {
    const { printed, address } = await serveByCli();
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(printed.stderr).toContain("sqlite:./data/assay.db");
    expect(printed.stderr).toContain("./data/keys");
    expect(printed.stderr).toMatch(/off, because this is a development start:\n {2}development: whoever reaches/);
  });

  test("the three commands it offers work as they stand", async () => {
    const { printed } = await serveByCli();
    const offered = printed.stderr.split("Try next:\n")[1]?.trim().split("\n") ?? [];
    expect(offered).toHaveLength(3);
    for (const line of offered) {
      let output = "";
      for (const command of line.split(" | ")) {
        const { code, stdout } = await assay(wordsOf(command), { input: output });
        expect({ command, code }).toEqual({ command, code: 0 });
        output = stdout;
      }
    }
  });

  test("under npm it offers the commands as npm runs them", async () => {
    const { printed } = await serveByCli({ env: { npm_package_name: "assay", npm_lifecycle_event: "start" } });
    expect(printed.stderr).toContain("  npm run -s assay -- revoke --subject alice");
  });

  test("where the log is JSON, every line is, and one says where it listens", async () => {
    const { printed, address } = await serveByCli({ env: { ASSAY_LOG_FORMAT: "json" } });
    const lines = printed.stdout.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ msg: "listening", address, master_key: "./data/keys/master.key", warnings: [] }),
    );
    expect(printed.stderr).toBe("");
  });
});

describe("serve refuses to start, with a sentence and no stack", () => {
  test("where the port is in use", async () => {
    const { address } = await serveByCli();
    const env = { ASSAY_LISTEN_ADDRESS: address };
    const { code, stderr } = await assay(["serve"], { cwd: await temporaryDirectory(), env });
    expect(code).toBe(1);
    expect(stderr).toContain(address);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("with a configuration that is not sound", async () => {
    const env = { ASSAY_LISTEN_ADDRESS: "0.0.0.0:0" };
    const { code, stderr } = await assay(["serve"], { cwd: await temporaryDirectory(), env });
    expect(code).toBe(2);
    expect(stderr).toMatch(/has 2 mistakes:\n {2}- listen\.tls: .*\n {2}- development: /);
  });
});

describe("signals", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("%s ends it with exit code 0", async (name) => {
    const server = await serveByCli();
    server.signal(name);
    expect(await server.ended).toBe(0);
  });

  test("two at once, as npm passes a Ctrl-C on, are one", async () => {
    const server = await serveByCli();
    server.signal("SIGINT");
    server.signal("SIGINT");
    expect(await server.ended).toBe(0);
  });

  test("a second one does not wait for the calls that are left, and closes everything all the same", async () => {
    const server = await serveByCli({ env: { ASSAY_LISTEN_SHUTDOWN_GRACE: "1h" } });
    await leaveCallOpen(server.address);
    server.signal("SIGTERM");
    await eventually("it is stopping", () => (server.printed.stdout.includes('"stopping"') ? true : undefined));
    const asking = setInterval(() => server.signal("SIGTERM"), 100);
    onTestFinished(() => clearInterval(asking));
    expect(await server.ended).toBe(0);
    expect(server.printed.stdout).toContain('"stopped"');
  });

  test("one that comes while it is starting ends it with exit code 0", async () => {
    const child = spawnAssay(["serve"], {
      cwd: await temporaryDirectory(),
      env: { ASSAY_LISTEN_ADDRESS: "127.0.0.1:0" },
    });
    const ended = once(child, "exit");
    await eventually("it has made its first key", async () => (await firstOutput(child.stdout)) || undefined);
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  });
});

function wordsOf(command: string): string[] {
  const words = command.match(/"[^"]*"|\S+/g) ?? [];
  return words.slice(1).map((word) => word.replaceAll('"', ""));
}

/** A call whose request never ends. */
async function leaveCallOpen(address: string): Promise<void> {
  const session = connect(`http://${address}`);
  session.on("error", () => undefined);
  onTestFinished(() => session.destroy());
  const call = session.request({
    ":method": "POST",
    ":path": "/assay.v1.TokenService/Introspect",
    "content-type": "application/grpc",
    te: "trailers",
  });
  call.on("error", () => undefined);
  call.write(Buffer.from([0, 0]));
  await once(session, "connect");
  await new Promise<void>((resolve, reject) => {
    session.ping((error) => (error === null ? resolve() : reject(error)));
  });
}

async function firstOutput(stream: NodeJS.ReadableStream): Promise<boolean> {
  await once(stream, "data");
  return true;
}

import { existsSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { assay, spawnAssay } from "../cli/run-assay.ts";
import { makeCertificates } from "../support/certificates.ts";
import type { ClientOptions } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failure-of.ts";
import { testCaller } from "../support/server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { serveWithCrew, signal } from "./crew.ts";

const caller = testCaller({ name: "caller", permissions: ["introspect"], audiences: ["https://api.example"] });

type Setup = { env: NodeJS.ProcessEnv; client: ClientOptions };

const ADDRESSES: ReadonlyArray<[string, (directory: string) => Promise<Setup>]> = [
  ["a port", async () => ({ env: {}, client: {} })],
  [
    "a port with TLS",
    async (directory) => {
      const { ca, server } = await makeCertificates(directory);
      const tls = `{ certificate: ${server.certificateFile}, key: ${server.keyFile} }`;
      const env = {
        ASSAY_LISTEN_TLS: tls,
        ASSAY_DEVELOPMENT: "false",
        ASSAY_ISSUER: "https://assay.example",
        ASSAY_CALLERS: JSON.stringify([caller.entry]),
      };
      return { env, client: { tls: { ca }, secret: caller.secret } };
    },
  ],
  [
    "a Unix socket",
    async (directory) => ({ env: { ASSAY_LISTEN_ADDRESS: `unix:${join(directory, "assay.sock")}` }, client: {} }),
  ],
];

describe("the workers share one address", () => {
  test.each(ADDRESSES)("connections to %s are spread evenly", async (_what, setUp) => {
    const { env, client } = await setUp(await temporaryDirectory());
    const served = await serveWithCrew(2, { env });
    const met = [0, 0];
    for (let connection = 0; connection < 6; connection++) {
      const worker = await served.workerOf(served.connect(client));
      met[worker - 1] = (met[worker - 1] ?? 0) + 1;
    }
    expect(met).toEqual([3, 3]);
  });

  test("a Unix socket is for the owner and the group, and goes with the last of them", async () => {
    const path = join(await temporaryDirectory(), "assay.sock");
    const served = await serveWithCrew(2, { env: { ASSAY_LISTEN_ADDRESS: `unix:${path}` } });
    expect(statSync(path).mode & 0o777).toBe(0o660);
    expect(statSync(join(served.directory, "data/keys")).mode & 0o700).toBe(0o700);
    served.signal("SIGTERM");
    expect(await served.ended).toBe(0);
    expect(existsSync(path)).toBe(false);
  });

  test("they say once that they serve, and how many they are", async () => {
    const served = await serveWithCrew(3);
    const said = served.log().filter((line) => line["workers"] === 3);
    expect(said).toMatchObject([{ msg: "listening", address: served.address }]);
    expect(new Set(served.pids().values()).size).toBe(3);
  });

  test("`auto` and a number of the command line go before the configuration, which goes on without the other processes at 1", async () => {
    const env = { ASSAY_WORKERS: "7", ASSAY_LISTEN_ADDRESS: "127.0.0.1:0", ASSAY_LOG_FORMAT: "json" };
    const child = spawnAssay(["serve", "--workers", "1"], { cwd: await temporaryDirectory(), env });
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
    await eventually("it listens", () => (printed.includes('"msg":"listening"') ? true : undefined));
    expect(printed).toContain('"workers":1');
    expect(printed).not.toContain('"worker":');
  });
});

describe("a start that is refused is said once, and ends all", () => {
  test("where the port is in use", async () => {
    const { address } = await serveWithCrew(2);
    const env = { ASSAY_LISTEN_ADDRESS: address, ASSAY_WORKERS: "2" };
    const { code, stderr } = await assay(["serve"], { cwd: await temporaryDirectory(), env });
    expect(code).toBe(1);
    expect(stderr.trim()).toMatch(
      /^error Cannot listen on 127\.0\.0\.1:\d+: the port is in use\. Stop .* another port\.$/,
    );
  });

  test("where the store is none", async () => {
    const cwd = await temporaryDirectory();
    await writeFile(join(cwd, "novel.txt"), "It was a dark and stormy night; ".repeat(100));
    const env = { ASSAY_STORE: "sqlite:./novel.txt", ASSAY_LISTEN_ADDRESS: "127.0.0.1:0", ASSAY_WORKERS: "2" };
    const { code, stderr } = await assay(["serve"], { cwd, env });
    expect(code).toBe(1);
    expect(stderr.match(/novel\.txt/g)).toHaveLength(1);
  });

  test("where the number is none", async () => {
    const { code, stderr } = await assay(["serve", "--workers", "0"], { cwd: await temporaryDirectory() });
    expect(code).toBe(2);
    expect(stderr).toContain("write a number from 1 to 256, or auto.");
  });
});

describe("the end", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("%s ends all of them with exit code 0", async (name) => {
    const served = await serveWithCrew(2);
    const pids = [...served.pids().values()];
    served.signal(name);
    expect(await served.ended).toBe(0);
    expect(pids.filter((pid) => signal(pid, 0))).toEqual([]);
    expect(served.log().filter(({ msg }) => msg === "stopped")).toHaveLength(2);
  });

  test("signals that reach the workers, too, as those of a terminal do, mean nothing more", async () => {
    const served = await serveWithCrew(2);
    for (const pid of served.pids().values()) for (const name of ["SIGINT", "SIGHUP"] as const) signal(pid, name);
    for (const client of (await served.connectToEach()).values()) await client.introspect({ token: "x" });
    served.signal("SIGINT");
    expect(await served.ended).toBe(0);
    expect(served.log().filter(({ msg }) => String(msg).includes("takes its place"))).toEqual([]);
  });

  test("when the first process is killed, the workers end by themselves", async () => {
    const served = await serveWithCrew(2);
    const client = served.connect();
    await client.introspect({ token: "x" });
    served.signal("SIGKILL");
    await eventually("none is left", () =>
      [...served.pids().values()].some((pid) => signal(pid, 0)) ? undefined : true,
    );
    expect(await failureOf(client.introspect({ token: "x" }))).toMatchObject({ code: "UNAVAILABLE" });
  });
});

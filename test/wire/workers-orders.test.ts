import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeCallerSecret } from "../../src/core/token/caller-secret.ts";
import type { TestClient } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failure-of.ts";
import { slowIssuer } from "../support/slow-issuer.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { type ServedByCrew, serveWithCrew, signal } from "./crew.ts";

const SECRET = makeCallerSecret();
const OTHER = makeCallerSecret();

function yaml(...secrets: string[]): string {
  const callers = secrets.map((secret, index) => ({
    name: `caller-${index}`,
    secret_sha256: [createHash("sha256").update(secret).digest("hex")],
    permissions: ["introspect"],
    audiences: ["a"],
  }));
  return `issuer: https://assay.example\ncallers: ${JSON.stringify(callers)}\n`;
}

function change(served: ServedByCrew, text: string): Promise<void> {
  return writeFile(join(served.directory, "assay.yaml"), text);
}

async function isKnown(served: ServedByCrew, secret: string): Promise<boolean> {
  return served
    .connect({ secret })
    .introspect({ token: "x" })
    .then(
      () => true,
      () => false,
    );
}

/** Which workers have logged it so often. */
async function logged(served: ServedByCrew, message: string, times: number): Promise<void> {
  await eventually(`each worker logs ${times} times '${message}'`, () => {
    const lines = served.log().filter(({ msg }) => msg === message);
    return [1, 2].every((number) => lines.filter(({ worker }) => worker === number).length >= times) ? true : undefined;
  });
}

const TAKEN_OVER = "the configuration was taken over";
const REFUSED = "the changed configuration is refused: the old one stays";

describe("changes of the configuration", () => {
  test("are taken over by all workers, by themselves and at SIGHUP", async () => {
    const served = await serveWithCrew(2, { yaml: yaml(SECRET) });
    expect(await isKnown(served, OTHER)).toBe(false);
    await change(served, yaml(SECRET, OTHER));
    await logged(served, TAKEN_OVER, 1);
    // At their start there was nothing to take over.
    expect(served.log().filter(({ msg }) => msg === TAKEN_OVER)).toHaveLength(2);
    expect((await served.connectToEach({ secret: OTHER })).size).toBe(2);
    served.signal("SIGHUP");
    await logged(served, TAKEN_OVER, 2);
  });

  test("are missed by nobody where the file changes while workers start", async () => {
    const directory = await temporaryDirectory();
    const [file, socket] = [join(directory, "assay.yaml"), join(directory, "assay.sock")];
    await writeFile(file, yaml(SECRET));
    const serving = serveWithCrew(2, { env: { ASSAY_CONFIG: file, ASSAY_LISTEN_ADDRESS: `unix:${socket}` } });
    // The second worker is about to start, with what the first one began with.
    await eventually("the first worker serves", () => (existsSync(socket) ? true : undefined), 45_000);
    await writeFile(file, yaml(OTHER));
    const served = await serving;
    await eventually("each worker has taken it over", async () => {
      for (let connection = 0; connection < 4; connection++) if (await isKnown(served, SECRET)) return undefined;
      return true;
    });
    expect((await served.connectToEach({ secret: OTHER })).size).toBe(2);
  });

  test("hold for a worker that takes the place of another, also where the file is broken by then", async () => {
    const served = await serveWithCrew(2, { yaml: yaml(SECRET) });
    await change(served, yaml(OTHER));
    await logged(served, TAKEN_OVER, 1);
    await change(served, "lissten: {}\n");
    await logged(served, REFUSED, 1);
    const [pid] = served.pids().values();
    signal(pid ?? 0, "SIGKILL");
    await eventually("another worker serves", () => (served.pids().get(1) === pid ? undefined : true));
    expect((await served.connectToEach({ secret: OTHER })).size).toBe(2);
    for (let connection = 0; connection < 4; connection++) expect(await isKnown(served, SECRET)).toBe(false);
    await logged(served, REFUSED, 1);
  });

  test("that wait for a restart wait for that of all: a worker that takes the place of another begins as that had begun", async () => {
    const served = await serveWithCrew(2, { yaml: yaml(SECRET) });
    await change(served, `${yaml(SECRET)}store: sqlite:./another.db\n`);
    await logged(served, TAKEN_OVER, 1);
    const [pid] = served.pids().values();
    signal(pid ?? 0, "SIGKILL");
    await eventually("another worker serves", () => (served.pids().get(1) === pid ? undefined : true));
    await logged(served, "some changed settings wait for a restart", 1);
    expect(served.log().filter((line) => line["event"] === "store_closed")).toEqual([]);
  });
});

describe("a stop", () => {
  test("finishes the calls that each worker has accepted", async () => {
    const { served, slow, clients, ask, accepted } = await callsAtEach("1h");
    const answers = clients.map(ask);
    await accepted();
    served.signal("SIGTERM");
    await logged(served, "stopping", 1);
    slow.answerKeys();
    expect(await Promise.all(answers)).toMatchObject([{ sub: "bob" }, { sub: "bob" }]);
    expect(await served.ended).toBe(0);
  });

  test("that is asked for twice hurries all", async () => {
    const { served, clients, ask, accepted } = await callsAtEach("1h");
    const failures = clients.map((client) => failureOf(ask(client)));
    await accepted();
    served.signal("SIGTERM");
    await logged(served, "stopping", 1);
    const asking = setInterval(() => served.signal("SIGTERM"), 100);
    onTestFinished(() => clearInterval(asking));
    expect(await Promise.all(failures)).toMatchObject([{ reason: "SHUTTING_DOWN" }, { reason: "SHUTTING_DOWN" }]);
    expect(await served.ended).toBe(0);
  });
});

/** For calls that last until the keys that they need are given. */
async function callsAtEach(grace: string) {
  const slow = await slowIssuer();
  const env = { ASSAY_ISSUERS: JSON.stringify([slow.issuer]), ASSAY_LISTEN_SHUTDOWN_GRACE: grace };
  const served = await serveWithCrew(2, { env });
  const clients = [...(await served.connectToEach()).values()];
  const ask = (client: TestClient) => client.introspect({ token: slow.token });
  const accepted = () =>
    eventually("each worker asks for the keys", () => (slow.requests() === clients.length ? true : undefined));
  return { served, slow, clients, ask, accepted };
}

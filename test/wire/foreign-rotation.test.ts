/** A real identity provider rotates its keys, and fails, while its tokens are introspected: with a cool-down of one second. */
import type { RequestListener } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ConfigInput } from "../../src/config/schema.ts";
import { drip, flood } from "../keys/hostile-answers.ts";
import { CallError } from "../support/call-error.ts";
import type { TestClient } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { type ForeignIssuer, startForeignIssuer } from "../support/foreign-issuer.ts";
import { API, startServer } from "../support/server.ts";

const COOL_DOWN = 1_000;
const ROTATIONS = 5;

type KeySettings = NonNullable<NonNullable<ConfigInput["issuers"]>[number]["keys"]>;
const nonsense: RequestListener = (_request, response) => void response.end('{"keys": "nonsense"}');
const silent: RequestListener = () => undefined;

type Setup = { idp: ForeignIssuer; client: TestClient; log: () => string; began: number };

describe("a provider that rotates its keys under load", () => {
  test("has no honest token refused where each key is published a cool-down before its use", async () => {
    const setup = await start();
    const answers = new Map<string, number>();
    const load = keepIntrospecting(setup, answers);
    for (let rotation = 0; rotation < ROTATIONS; rotation++) {
      await setup.idp.publishNextKey();
      await coolDownSince(performance.now());
      setup.idp.useNextKey();
    }
    await coolDownSince(performance.now());
    await load.stop();
    expect([...answers.keys()]).toEqual(["active"]);
    expect(answers.get("active")).toBeGreaterThan(ROTATIONS * 10);
    expectFewFetches(setup);
  });

  test("is asked for its keys once a cool-down at most, whatever kids are made up", async () => {
    const setup = await start();
    const { idp, client, began } = setup;
    const [header = "", ...rest] = (await idp.token({ audience: API })).split(".");
    const members: unknown = JSON.parse(Buffer.from(header, "base64url").toString());
    for (let count = 0; performance.now() - began < 3 * COOL_DOWN; count++) {
      const forged = Buffer.from(JSON.stringify(Object.assign({}, members, { kid: `${count}` }))).toString("base64url");
      expect(await stateOf(client, [forged, ...rest].join("."))).toBe("INACTIVE_REASON_UNKNOWN_KEY");
    }
    expectFewFetches(setup);
    expect(await stateOf(client, await idp.token({ audience: API }))).toBe("active");
  });

  test("that uses a key unannounced has its tokens refused for a cool-down at most", async () => {
    const setup = await start();
    const { idp, client } = setup;
    for (let rotation = 0; rotation < 3; rotation++) {
      expect(await stateOf(client, await idp.token({ audience: API }))).toBe("active");
      await idp.rotateKeys();
      const used = performance.now();
      const token = await idp.token({ audience: API });
      while (performance.now() - used < COOL_DOWN)
        expect(["active", "INACTIVE_REASON_UNKNOWN_KEY"]).toContain(await stateOf(client, token));
      expect(await stateOf(client, token)).toBe("active");
    }
    expectFewFetches(setup);
  });
});

describe("while a provider is", () => {
  test.each<[string, (idp: ForeignIssuer) => void | Promise<void>, (idp: ForeignIssuer) => void | Promise<void>]>([
    ["down", (idp) => idp.down(), (idp) => idp.up()],
    ["silent", (idp) => idp.answerKeysWith(silent), (idp) => idp.answerKeysWith()],
    ["slow", (idp) => idp.answerKeysWith(drip), (idp) => idp.answerKeysWith()],
    ["answering 100 MB", (idp) => idp.answerKeysWith(flood), (idp) => idp.answerKeysWith()],
    ["answering nonsense", (idp) => idp.answerKeysWith(nonsense), (idp) => idp.answerKeysWith()],
  ])("%s, its known keys are used on for a while, then nothing is said until it is well", async (_, fail, mend) => {
    const setup = await start({ max_age: "1s", max_stale: "2s", timeout: "500ms" });
    const { idp, client, log } = setup;
    const token = await idp.token({ audience: API });
    expect(await stateOf(client, token)).toBe("active");
    await fail(idp);

    let usedOn = 0;
    await eventually("the end of the known keys", async () => {
      const state = await stateOf(client, token);
      if (state === "KEYS_UNAVAILABLE") return true;
      expect(state).toBe("active");
      if (log().includes("cannot be loaded")) usedOn += 1;
      return undefined;
    });
    expect(usedOn).toBeGreaterThan(0);
    expectFewFetches(setup);

    await mend(idp);
    await eventually("an active answer", async () => ((await stateOf(client, token)) === "active" ? true : undefined));
    expectFewFetches(setup);
  });
});

async function start(keys: KeySettings = {}): Promise<Setup> {
  const idp = await startForeignIssuer();
  onTestFinished(() => idp.stop());
  const server = await startServer({
    issuers: [
      {
        issuer: idp.issuer,
        discovery: true,
        allow_http_loopback: true,
        algorithms: ["ES256"],
        audiences: [API],
        keys: { cool_down: "1s", ...keys },
      },
    ],
  });
  return { idp, client: server.client(), log: () => server.log(), began: performance.now() };
}

/** New tokens and introspections, four at a time, until stopped. */
function keepIntrospecting({ idp, client }: Setup, answers: Map<string, number>): { stop(): Promise<unknown> } {
  const stopped = new AbortController();
  const lane = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const state = await stateOf(client, await idp.token({ audience: API }));
      answers.set(state, (answers.get(state) ?? 0) + 1);
    }
  };
  const lanes = Promise.all([lane(), lane(), lane(), lane()]);
  return {
    stop: () => {
      stopped.abort();
      return lanes;
    },
  };
}

/** `active`, why not, or the reason of an error. */
async function stateOf(client: TestClient, token: string): Promise<string> {
  try {
    const { active, inactive_reason: reason } = await client.introspect({ token });
    return active === true ? "active" : String(reason);
  } catch (error) {
    if (error instanceof CallError && error.reason !== undefined) return error.reason;
    throw error;
  }
}

/** That the cool-down is over is what the rule is about: it is waited for, not guessed. */
async function coolDownSince(begin: number): Promise<void> {
  while (performance.now() - begin < COOL_DOWN) await delay(20);
}

function expectFewFetches({ idp, began }: Setup): void {
  expect(idp.keyRequests()).toBeLessThanOrEqual(1 + Math.floor((performance.now() - began) / COOL_DOWN));
}

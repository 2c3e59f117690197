/** Refreshes whose caller hangs up at every moment of their work: after their first command to Redis, their second … */
import { randomUUID } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import { Metadata } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestClient } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failure-of.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { API, startServerForFile, type TestServer } from "../support/server.ts";

/** So many commands to Redis, the first of which read the family, and then so many turns of the event loop. */
type Moment = { commands: number; turns: number };
type Refresh = { refresh_token: string | undefined; scope?: string };
type Monitor = Awaited<ReturnType<RedisServer["admin"]["monitor"]>>;

const MOMENTS: readonly Moment[] = [1, 2, 3, 4, 5, 6, 7].flatMap((commands) =>
  [0, 1, 2, 4].map((turns) => ({ commands, turns })),
);
const MINT = { client_id: "web", subject: "alice", scope: "read write", audience: [API], refresh: true };

let redis: RedisServer;
let monitor: Monitor;
let server: TestServer;
let client: TestClient;

beforeAll(async () => {
  redis = await startRedisServer();
  monitor = await redis.admin.monitor();
  server = await startServerForFile({ store: { url: redis.url } });
  client = server.client();
});
afterAll(async () => {
  await server.stop();
  monitor.disconnect();
  await redis.remove();
});

async function minted(): Promise<string | undefined> {
  return (await client.issue({ mint: MINT })).refresh_token;
}

async function rotated(token: string | undefined): Promise<string | undefined> {
  return (await client.issue({ refresh: { client_id: "web", refresh_token: token ?? "" } })).refresh_token;
}

/** @returns how the call ended, as the server sees it */
async function hungUp({ refresh_token = "", ...more }: Refresh, moment: Moment): Promise<string> {
  const id = randomUUID();
  const metadata = new Metadata();
  metadata.set("x-request-id", id);
  const cancelling = new AbortController();
  await everythingBeforeIsSeen();
  const ignore = onMoment(moment, () => cancelling.abort());
  const refresh = { client_id: "web", refresh_token, ...more };
  await client.issue({ refresh }, { metadata, signal: cancelling.signal }).catch(() => undefined);
  ignore();
  const logged = () =>
    server
      .log()
      .split("\n")
      .find((line) => line.includes(id));
  const line = await eventually("the call has ended at the server too", logged);
  return /"status":"(\w+)"/.exec(line)?.[1] ?? "";
}

async function everythingBeforeIsSeen(): Promise<void> {
  const mark = randomUUID();
  const seen = new Promise<void>((resolve) => {
    const watch = (_time: string, [, text]: string[]): void => {
      if (text !== mark) return;
      monitor.off("monitor", watch);
      resolve();
    };
    monitor.on("monitor", watch);
  });
  await redis.admin.echo(mark);
  await seen;
}

function onMoment({ commands, turns }: Moment, act: () => void): () => void {
  let seen = 0;
  const watch = (_time: string, args: string[]): void => {
    const isFamily = args.some((arg) => arg.startsWith("assay:family:"));
    if (seen > 0 || isFamily) seen += 1;
    if (seen === commands) void after(turns, act);
  };
  monitor.on("monitor", watch);
  return () => void monitor.off("monitor", watch);
}

async function after(turns: number, act: () => void): Promise<void> {
  for (let count = 0; count < turns; count++) await turn();
  act();
}

function reports(): number {
  return server.log().split('"refresh_token_reuse"').length - 1;
}

test.each<[string, () => Promise<{ stolen: Refresh; current: string | undefined }>]>([
  [
    "a token of an earlier generation",
    async () => {
      const first = await minted();
      return { stolen: { refresh_token: first }, current: await rotated(await rotated(first)) };
    },
  ],
  [
    "the predecessor, for another scope",
    async () => {
      const first = await minted();
      return { stolen: { refresh_token: first, scope: "read" }, current: await rotated(first) };
    },
  ],
])(
  "a thief who presents %s and hangs up, whenever: the family is dead and the theft is reported",
  async (_what, steal) => {
    const statuses = new Set<string>();
    for (const moment of MOMENTS) {
      const { stolen, current } = await steal();
      const before = reports();
      statuses.add(await hungUp(stolen, moment));
      expect(reports()).toBe(before + 1);
      expect(await failureOf(rotated(current))).toMatchObject({ reason: "INVALID_GRANT" });
    }
    expect(statuses).toContain("CANCELLED");
  },
);

test("an honest client that hangs up, whenever, can try again: its family lives", async () => {
  const statuses = new Set<string>();
  const before = reports();
  for (const moment of MOMENTS) {
    const first = await minted();
    statuses.add(await hungUp({ refresh_token: first }, moment));
    const second = await rotated(first);
    expect(await client.introspect({ token: second ?? "" })).toMatchObject({ active: true });
  }
  expect(reports()).toBe(before);
  expect(statuses).toContain("CANCELLED");
});

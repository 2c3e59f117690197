import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { constants, type IncomingHttpHeaders } from "node:http2";
import { status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import type { TestClient } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failure-of.ts";
import { startServer } from "../support/server.ts";
import { unreadStream } from "./unread-stream.ts";

/** More than the log's part that all watches share. */
const TOO_MANY = 8_500;
/** More than fits between two sockets. */
const MANY = 4_000;
const AT_ONCE = 250;

test("whoever reads too slowly is told and dropped, and others are told everything meanwhile", async () => {
  const server = await startServer();
  const client = server.client();
  const stuck = unreadStream(server, "WatchRevocations", { digests_only: true });
  const watch = client.watch({ digests_only: true });
  await watch.proved();
  const revoking = revokeMany(client, TOO_MANY);
  const line = '"status":"RESOURCE_EXHAUSTED","reason":"WATCHER_TOO_SLOW"';
  await eventually("it is dropped", () => server.log().includes(line) || undefined, 50_000);
  const trailers = once(stuck, "trailers");
  stuck.resume();
  const [end]: IncomingHttpHeaders[] = await trailers;
  expect(Number(end?.["grpc-status"])).toBe(status.RESOURCE_EXHAUSTED);
  expect(end?.["grpc-message"]).toMatch(/begin.*again.*after.*the.*last.*revision/);
  await revoking;
  await watch.hasTold(TOO_MANY);
}, 60_000);

test("who is told its end and does not read that either is cut, and its place is free again", async () => {
  const server = await startServer({ limits: { streams: 1 } });
  const client = server.client();
  await revokeMany(client, MANY);
  const stuck = unreadStream(server, "WatchRevocations", { digests_only: true });
  await once(stuck, "response");
  expect(await failureOf(client.watch().ended)).toMatchObject({ reason: "RATE_LIMITED" });
  await server.reload({ limits: { streams: 1 } });
  if (!stuck.closed) await once(stuck, "close");
  expect(stuck.rstCode).toBe(constants.NGHTTP2_CANCEL);
  await client.watch().proved();
}, 60_000);

async function revokeMany(client: TestClient, count: number): Promise<void> {
  const revoke = (sub: string) => client.revoke({ subject: { sub } });
  for (let done = 0; done < count; done += AT_ONCE) {
    const names = Array.from({ length: AT_ONCE }, () => randomUUID());
    // A busy disk may let one take too long: it is repeated, as a caller would.
    await Promise.all(names.map((sub) => eventually("it is revoked", () => revoke(sub).catch(() => undefined))));
  }
}

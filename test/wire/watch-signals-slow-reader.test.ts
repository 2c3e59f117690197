import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http2";
import { status } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { aSignal, asEntry } from "../support/signals.ts";
import { unreadStream } from "./unread-stream.ts";

/** More than waits for one watcher, and fits between two sockets. */
const MANY = 5_000;
const AT_ONCE = 500;

test("whoever reads signals too slowly is told and dropped, and others are told every one meanwhile", async () => {
  const redis = await startRedisServer();
  onTestFinished(() => redis.remove());
  const server = await startServer({ store: redis.url });
  const stuck = unreadStream(server, "WatchSignals", { latest: 10 });
  const watch = server.client().watchSignals();
  await Promise.all([watch.begun(), once(stuck, "response")]);
  for (let done = 0; done < MANY; done += AT_ONCE) {
    const pipeline = redis.admin.pipeline();
    for (let count = 0; count < AT_ONCE; count++) pipeline.xadd("assay:{signals}", "*", ...asEntry(aSignal()));
    await pipeline.exec();
    // Who reads is never far behind, however busy the machine is.
    await watch.hasTold(done + AT_ONCE);
  }
  const line = '"status":"RESOURCE_EXHAUSTED","reason":"WATCHER_TOO_SLOW"';
  await eventually("it is dropped", () => server.log().includes(line) || undefined);
  const trailers = once(stuck, "trailers");
  stuck.resume();
  const [end]: IncomingHttpHeaders[] = await trailers;
  expect(Number(end?.["grpc-status"])).toBe(status.RESOURCE_EXHAUSTED);
  expect(end?.["grpc-message"]).toMatch(/begin.*again/);
}, 60_000);

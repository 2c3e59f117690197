import { once } from "node:events";
import { connect } from "node:http2";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startServer } from "../support/server.ts";

const SLOW = 200;
const CONNECTIONS = 2;
/** As many as may be slow at once. */
const MAX_SLOW = 256;

test(
  "requests that never become whole are cut, the oldest at once when there are many, and honest ones go on",
  { timeout: 40_000 },
  async () => {
    const server = await startServer();
    const sessions = Array.from({ length: CONNECTIONS }, () => connect(`http://${server.address}`));
    await Promise.all(sessions.map((session) => once(session, "connect")));
    let cut = 0;
    for (const session of sessions) {
      for (let index = 0; index < SLOW; index++) {
        const stream = session.request({
          ":method": "POST",
          ":path": "/assay.v1.TokenService/Introspect",
          "content-type": "application/grpc",
          te: "trailers",
        });
        stream.on("error", () => undefined).once("close", () => cut++);
        // A message of 64 bytes, of which 32 come.
        stream.write(Buffer.concat([Buffer.from([0, 0, 0, 0, 64]), Buffer.alloc(32)]));
      }
    }
    await eventually("the oldest are cut", () => (cut >= CONNECTIONS * SLOW - MAX_SLOW ? cut : undefined));
    expect(cut).toBeLessThan(CONNECTIONS * SLOW);
    expect(await server.client().introspect({ token: "x" })).toMatchObject({});
    await eventually("all are cut", () => (cut === CONNECTIONS * SLOW ? cut : undefined));
    for (const session of sessions) session.destroy();
  },
);

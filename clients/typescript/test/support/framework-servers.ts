/** One resource server in each framework: `GET /orders` needs the scope `read`, and answers with the token's subject. */
import { type AddressInfo } from "node:net";
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { onTestFinished } from "vitest";
import { protect as protectExpress } from "../../src/express.ts";
import { protect as protectFastify } from "../../src/fastify.ts";
import { protect as protectHono } from "../../src/hono.ts";
import type { AssayClient } from "../../src/index.ts";
import type { ProtectOptions } from "../../src/express.ts";

export type Framework = "Express" | "Fastify" | "Hono";

/** @returns its origin; it is closed with the test */
export async function startResourceServer(
  framework: Framework,
  assay: AssayClient,
  options: ProtectOptions = {},
): Promise<string> {
  const server = await SERVERS[framework](assay, { requiredScopes: ["read"], realm: "orders", ...options });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  });
  return originOf(server);
}

type Start = (assay: AssayClient, options: ProtectOptions) => Promise<Server>;

const SERVERS: Readonly<Record<Framework, Start>> = {
  Express: async (assay, options) => {
    const app = express();
    app.get("/orders", protectExpress(assay, options), (request, response) => {
      response.json({ sub: request.introspection?.sub });
    });
    // Its own handler writes the error to the console.
    app.use((_error: Error, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
      response.status(500).end();
    });
    return createServer(app);
  },
  Fastify: async (assay, options) => {
    const app = fastify();
    app.get("/orders", { onRequest: protectFastify(assay, options) }, async ({ introspection }) => ({
      sub: introspection?.sub,
    }));
    await app.ready();
    return createServer((request, response) => app.routing(request, response));
  },
  Hono: async (assay, options) => {
    const app = new Hono();
    app.get("/orders", protectHono(assay, options), (context) =>
      context.json({ sub: context.get("introspection").sub }),
    );
    app.onError((_error, context) => context.body(null, 500));
    const listener = getRequestListener(app.fetch);
    return createServer((request, response) => void listener(request, response));
  },
};

function originOf(server: Server): string {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return `http://127.0.0.1:${address.port}`;
}

/** What no browser sends, and what a hostile page makes one send. */
import { once } from "node:events";
import { createConnection } from "node:net";
import { beforeAll, afterAll, describe, expect, test } from "vitest";
import { ask, consoleAddress, formTokenIn, textOf } from "../support/console.ts";
import { eventually } from "../support/eventually.ts";
import { API, startServerForFile, type TestServer } from "../support/server.ts";

let server: TestServer;
let address = "";

beforeAll(async () => {
  server = await startServerForFile({ admin: { address: "127.0.0.1:0" }, log: { audit: true } });
  address = await consoleAddress(server);
});
afterAll(() => server.stop());

async function family() {
  return server.client().issue({ mint: { client_id: "web", subject: "alice", audience: [API], refresh: true } });
}

/** As the form of the page sends it. */
async function send(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  const form = formTokenIn(await ask(address, "/tokens"));
  return ask(address, path, { form: { form, ...fields }, headers });
}

function revocation(sid: string) {
  return { by: "sid", name: sid, iss: "", reason: "a test", sure: "yes" };
}

describe("every answer", () => {
  test.each(["/", "/tokens", "/keys", "/assets/main.js", "/nothing"])(
    "to %s may load nothing from elsewhere, and be neither framed nor kept",
    async (path) => {
      const { headers } = await ask(address, path);
      expect(headers).toMatchObject({
        "content-security-policy": expect.stringMatching(/^default-src 'none';.*frame-ancestors 'none'$/),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
      });
      expect(headers["content-security-policy"]).not.toMatch(/unsafe|https?:|\*/);
      expect(headers["set-cookie"]).toBeUndefined();
      expect(headers["access-control-allow-origin"]).toBeUndefined();
    },
  );
});

describe("a name that is not this machine's", () => {
  test.each(["evil.example", "evil.example:50052", "127.0.0.1.evil.example", "localhost.evil.example", "[::2]"])(
    "'%s' is refused, so that no page can be this console under its own name",
    async (host) => {
      const answered = await ask(address, "/", { headers: { host } });
      expect(answered.status).toBe(403);
      expect(answered.body).not.toContain("Signals");
    },
  );

  test.each(["localhost:1", "127.0.0.1:8080", "[::1]:50052", "LOCALHOST"])(
    "%s is one, whatever port leads here",
    async (host) => {
      expect((await ask(address, "/", { headers: { host } })).status).toBe(200);
    },
  );
});

describe("a page of another site", () => {
  test.each([
    ["says so", { "sec-fetch-site": "cross-site" }],
    ["is a neighbour", { "sec-fetch-site": "same-site" }],
    ["has another origin", { origin: "https://evil.example" }],
    ["hides its origin", { origin: "null" }],
    ["is another port of this machine", { origin: "http://127.0.0.1:1" }],
  ])("that %s revokes nothing, even with a form that is good", async (_what, headers) => {
    const { access_token: token, sid } = await family();
    expect((await send("/tokens/revoke", revocation(sid), headers)).status).toBe(403);
    expect(await server.client().introspect({ token })).toMatchObject({ active: true });
  });

  test.each(["/", "/events", "/assets/main.js", "/keys"])(
    "gets nothing of %s by a script or an image",
    async (path) => {
      const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" };
      expect((await ask(address, path, { headers })).status).toBe(403);
    },
  );

  test("may link here", async () => {
    const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    expect((await ask(address, "/", { headers })).status).toBe(200);
  });
});

describe("a form", () => {
  test("with its token, a reason and the word that it is meant revokes, and the audit trail says who asked", async () => {
    const { access_token: token, sid } = await family();
    const answered = await send("/tokens/revoke", revocation(sid));
    expect([answered.status, textOf(answered)]).toEqual([200, expect.stringContaining("Revoked.")]);
    expect(await server.client().introspect({ token })).not.toHaveProperty("active");
    const line = await eventually("the audit trail tells of it", () =>
      server
        .log()
        .split("\n")
        .find((one) => one.includes("assay.revocation") && one.includes('"console"')),
    );
    expect(line).toContain('"assay.audit.outcome":"done"');
    expect(line).not.toContain("a test");
  });

  test.each([
    ["no token", ""],
    ["a token of its own make", `9999999999.${"A".repeat(43)}`],
    ["a token that is cut off", "9999999999.abc"],
  ])("with %s revokes nothing, and comes anew", async (_what, form) => {
    const { access_token: token, sid } = await family();
    const answered = await ask(address, "/tokens/revoke", { form: { form, ...revocation(sid) } });
    expect([answered.status, textOf(answered)]).toEqual([400, expect.stringContaining("nothing was done")]);
    expect(await server.client().introspect({ token })).toMatchObject({ active: true });
  });

  test.each([
    ["without a reason", { reason: " " }, "Say why"],
    ["without the word that it is meant", { sure: "" }, "cannot be undone"],
    ["with a reason of two lines", { reason: "a\nb" }, "one line"],
    ["with a reason too long", { reason: "x".repeat(257) }, "too long"],
  ])("%s revokes nothing", async (_what, change, says) => {
    const { access_token: token, sid } = await family();
    const answered = await send("/tokens/revoke", { ...revocation(sid), ...change });
    expect([answered.status, textOf(answered)]).toEqual([400, expect.stringContaining(says)]);
    expect(await server.client().introspect({ token })).toMatchObject({ active: true });
  });

  test.each([
    ["that names a sid that is none", { by: "sid", name: "not-a-sid" }, "is no identifier of Assay"],
    [
      "that names an unknown issuer",
      { by: "subject", name: "alice", iss: "https://other.example" },
      "names neither Assay",
    ],
    ["that names nothing", { by: "sid", name: " " }, "nothing was given"],
    ["in a way that is none", { by: "token", name: "x" }, "Choose what"],
    ["by a name of Object", { by: "constructor", name: "x" }, "Choose what"],
    ["with control characters", { by: "subject", name: "a\u0007b" }, "control characters"],
    ["with a name too long", { by: "subject", name: "x".repeat(256) }, "too long"],
  ])("%s is answered with what is wrong", async (_what, fields, says) => {
    const answered = await send("/tokens/look-up", fields);
    expect([answered.status, textOf(answered)]).toEqual([400, expect.stringContaining(says)]);
  });

  test.each(["name", "iss", "reason"])(
    "with a token as %s is refused, and the token is neither shown nor logged",
    async (field) => {
      const { access_token: opaque, refresh_token: refresh = "" } = await family();
      const { access_token: jwt } = await server
        .client()
        .issue({ mint: { client_id: "web", subject: "x", audience: [API], format: "JWT" } });
      for (const token of [opaque, refresh, jwt, `Bearer ${jwt}`, jwt.slice(0, 40)]) {
        for (const path of ["/tokens/look-up", "/tokens/revoke"]) {
          const answered = await send(path, { ...revocation("x"), [field]: token });
          expect([answered.status, textOf(answered)]).toEqual([400, expect.stringContaining("looks like a token")]);
          expect(answered.body).not.toContain(token);
          expect(server.log()).not.toContain(token);
        }
      }
    },
  );

  test("that is far too large is not read", async () => {
    const answered = await send("/tokens/look-up", { by: "sid", name: "x".repeat(100_000) });
    expect([answered.status, answered.headers["connection"]]).toEqual([413, "close"]);
  });

  test.each([
    ["JSON", "application/json", '{"by":"sid"}'],
    ["plain text", "text/plain", "by=sid"],
    ["a field twice", "application/x-www-form-urlencoded", "by=sid&by=subject"],
  ])("that is %s is none", async (_what, type, body) => {
    expect((await ask(address, "/tokens/look-up", { body, headers: { "content-type": type } })).status).toBe(400);
  });
});

describe("a request", () => {
  test.each([
    ["GET", "/tokens/revoke", 405],
    ["GET", "/tokens/look-up", 405],
    ["POST", "/", 405],
    ["DELETE", "/", 405],
    ["GET", "/tokens?name=x", 404],
    ["GET", "/assets/../open-console.ts", 404],
    ["GET", "/assets/%2e%2e/answer.ts", 404],
    ["GET", "/__proto__", 404],
    ["GET", "/toString", 404],
  ])("%s %s is answered with %i, without showing what was asked", async (method, path, status) => {
    const answered = await ask(address, path, { method });
    expect(answered.status).toBe(status);
    expect(answered.body).not.toContain(path.length > 3 ? `"${path}` : "\0");
  });

  test("with headers beyond measure is refused, and the next one is answered", async () => {
    expect((await ask(address, "/", { headers: { "x-long": "x".repeat(20_000) } })).status).toBe(431);
    expect((await ask(address, "/")).status).toBe(200);
  });

  test("that never ends is cut off", { timeout: 40_000 }, async () => {
    const [host = "", port = ""] = address.split(":");
    const socket = createConnection({ host, port: Number(port) });
    let answer = "";
    socket.setEncoding("utf8").on("data", (text: string) => (answer += text));
    socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n");
    await once(socket, "close");
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });
});

test("of watchers there are as many as may be, and who leaves makes room", async () => {
  const leave = new AbortController();
  // One that nobody holds on to would be closed.
  const open: Response[] = [];
  const watch = async (): Promise<number> => {
    const response = await fetch(`http://${address}/events`, { signal: leave.signal });
    open.push(response);
    return response.status;
  };
  const statuses: number[] = [];
  while (statuses.at(-1) !== 503) statuses.push(await watch());
  expect(statuses.length).toBe(33);
  leave.abort();
  await eventually("there is room again", async () => {
    const last = new AbortController();
    const { status } = await fetch(`http://${address}/events`, { signal: last.signal });
    last.abort();
    return status === 200 ? true : undefined;
  });
});

async function look(fields: Record<string, string>): Promise<string> {
  return textOf(await send("/tokens/look-up", fields));
}

test("what is looked up is told as it stands", async () => {
  const { sid } = await family();
  expect(await look({ by: "sid", name: sid })).toMatch(
    /alive .*Client web .*Generation 0 .*Named by a revocation of nothing/,
  );
  expect(await look({ by: "client_id", name: "orders" })).toContain("No live revocation names this client.");
  await server.client().revoke({ subject: { sub: "alice" } });
  expect(await look({ by: "sid", name: sid })).toMatch(/dead .*Named by a revocation of its subject/);
  expect(await look({ by: "subject", name: "alice" })).toMatch(
    /revoked .*Revoked is what was born until \d{4}-\d\d-\d\d/,
  );
  expect(await look({ by: "subject", name: "<b>alice" })).toContain("&lt;b&gt;alice");
});

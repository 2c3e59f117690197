/** Whom the console knows: who is on this machine may look; elsewhere, and to revoke, it takes a caller that may. */
import { describe, expect, test } from "vitest";
import { makeCertificates } from "../support/certificates.ts";
import { ask, type Asking, consoleAddress, formTokenIn, textOf } from "../support/console.ts";
import { eventually } from "../support/eventually.ts";
import { API, startServer, testCaller } from "../support/server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const desk = testCaller({
  name: "desk",
  permissions: ["admin", "revoke", "issue", "introspect"],
  audiences: [API],
  clients: ["*"],
});
const viewer = testCaller({ name: "viewer", permissions: ["admin"], clients: ["*"] });
const partial = testCaller({ name: "partial", permissions: ["admin", "revoke"], clients: ["web"] });
const api = testCaller({ name: "api", permissions: ["introspect"], audiences: [API] });
const callers = [desk, viewer, partial, api].map(({ entry }) => entry);

function basic(name: string, secret: string) {
  return { authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}` };
}

async function onLoopback() {
  const server = await startServer({
    development: false,
    callers,
    admin: { address: "127.0.0.1:0" },
    log: { audit: true },
  });
  const address = await consoleAddress(server);
  const client = server.client({ secret: desk.secret });
  const { access_token: token, sid } = await client.issue({
    mint: { client_id: "web", subject: "a", audience: [API], refresh: true },
  });
  const revoke = async (headers: Record<string, string> = {}) => {
    const form = formTokenIn(await ask(address, "/tokens", { headers }));
    return ask(address, "/tokens/revoke", {
      headers,
      form: { form, by: "sid", name: sid, reason: "a test", sure: "yes" },
    });
  };
  const isActive = async () => (await client.introspect({ token })).active === true;
  return { server, address, sid, revoke, isActive };
}

async function elsewhere(clientCa: boolean) {
  const certificates = await makeCertificates(await temporaryDirectory());
  const { certificateFile: certificate, keyFile: key } = certificates.server;
  const server = await startServer({
    development: false,
    callers: clientCa
      ? [
          ...callers,
          { name: "by-name", certificate_san: ["DNS:desk.internal"], permissions: ["admin"], clients: ["*"] },
        ]
      : callers,
    admin: { address: "0.0.0.0:0" },
    listen: {
      address: "127.0.0.1:0",
      tls: { certificate, key, ...(clientCa ? { client_ca: certificates.caFile } : {}) },
    },
  });
  const address = (await consoleAddress(server)).replace("0.0.0.0", "localhost");
  const open = (asking: Asking = {}, path = "/") => ask(address, path, { tls: { ca: certificates.ca }, ...asking });
  return { server, certificates, open };
}

describe("on this machine, out of development", () => {
  test("whoever is here may look, and is asked for credentials to revoke", async () => {
    const { address, revoke, isActive } = await onLoopback();
    expect((await ask(address, "/")).status).toBe(200);
    const answered = await revoke();
    expect([answered.status, answered.headers["www-authenticate"]]).toEqual([
      401,
      expect.stringMatching(/^Basic realm=/),
    ]);
    expect(textOf(answered)).toContain("Nothing was revoked");
    expect(await isActive()).toBe(true);
  });

  test("a caller that may revokes in its own name", async () => {
    const { server, revoke, isActive } = await onLoopback();
    expect(textOf(await revoke(basic("desk", desk.secret)))).toContain("Revoked.");
    expect(await isActive()).toBe(false);
    await eventually("the audit trail tells of it", () =>
      server
        .log()
        .split("\n")
        .find((line) => line.includes("assay.revocation") && line.includes('"desk"')),
    );
  });

  test.each([
    ["that may only look", basic("viewer", viewer.secret), 403],
    ["whose secret was given under another name", basic("viewer", desk.secret), 401],
    ["with a secret that is none", basic("desk", "asy_cs_wrong"), 401],
    ["limited to some clients", basic("partial", partial.secret), 403],
    ["without the permission admin", basic("api", api.secret), 403],
  ])("a caller %s revokes nothing", async (_what, headers, status) => {
    const { revoke, isActive } = await onLoopback();
    expect((await revoke(headers)).status).toBe(status);
    expect(await isActive()).toBe(true);
  });

  test("the form for which the browser was asked for credentials is good with them", async () => {
    const { address, sid, isActive } = await onLoopback();
    const form = formTokenIn(await ask(address, "/tokens"));
    const fields = { form, by: "sid", name: sid, reason: "a test", sure: "yes" };
    const headers = basic("desk", desk.secret);
    expect(textOf(await ask(address, "/tokens/revoke", { form: fields, headers }))).toContain("Revoked.");
    expect(await isActive()).toBe(false);
  });
});

describe("elsewhere", () => {
  test("it takes a caller with the permission admin for all clients, by name and secret", async () => {
    const { open } = await elsewhere(false);
    const statuses = await Promise.all(
      [
        {},
        basic("desk", desk.secret),
        basic("viewer", viewer.secret),
        basic("api", api.secret),
        basic("partial", partial.secret),
        basic("desk", viewer.secret),
      ].map(async (headers) => (await open({ headers })).status),
    );
    expect(statuses).toEqual([401, 200, 200, 403, 403, 401]);
  });

  test.each(["/", "/tokens", "/keys", "/events", "/assets/main.js", "/nothing"])(
    "%s shows nothing to who is not known",
    async (path) => {
      const { open } = await elsewhere(false);
      const answered = await open({}, path);
      expect(answered.status).toBe(401);
      expect(textOf(answered)).toContain("Sign in");
      expect(answered.body).not.toContain("assay.example");
    },
  );

  test("a form of one visitor is none of another's", async () => {
    const { open } = await elsewhere(false);
    const headers = basic("desk", desk.secret);
    const form = formTokenIn(await open({ headers: basic("viewer", viewer.secret) }, "/tokens"));
    const fields = { by: "subject", name: "alice" };
    const others = await open({ headers, form: { form, ...fields } }, "/tokens/look-up");
    expect([others.status, textOf(others)]).toEqual([400, expect.stringContaining("nothing was done")]);
    const own = formTokenIn(await open({ headers }, "/tokens"));
    expect((await open({ headers, form: { form: own, ...fields } }, "/tokens/look-up")).status).toBe(200);
  });

  test("a secret as bearer is good too", async () => {
    const { open } = await elsewhere(false);
    expect((await open({ headers: { authorization: `Bearer ${viewer.secret}` } })).status).toBe(200);
  });

  test("a client certificate is its caller, and none other is good", async () => {
    const { open, certificates } = await elsewhere(true);
    const { ca } = certificates;
    const by = async (names: string) => (await open({ tls: { ca, ...(await certificates.client(names)) } })).status;
    expect([await by("DNS:desk.internal"), await by("DNS:other.internal")]).toEqual([200, 401]);
  });

  test("plaintext is not spoken there", async () => {
    const { server } = await elsewhere(false);
    const address = (await consoleAddress(server)).replace("0.0.0.0", "127.0.0.1");
    await expect(ask(address, "/")).rejects.toThrow(/socket hang up|ECONNRESET/);
  });
});

test("a caller that a change of the configuration removes is unknown at its next request, and watches no more", async () => {
  const { server, address } = await onLoopback();
  const opened = async () => (await ask(address, "/", { headers: basic("viewer", viewer.secret) })).status;
  const watched = ask(address, "/events", { headers: basic("viewer", viewer.secret) }).then(
    ({ status }) => status,
    () => "cut off",
  );
  expect(await opened()).toBe(200);
  await server.reload({
    development: false,
    callers: [desk.entry],
    admin: { address: "127.0.0.1:0" },
    log: { audit: true },
  });
  expect(await opened()).toBe(401);
  expect(["cut off", 401]).toContain(await watched);
});

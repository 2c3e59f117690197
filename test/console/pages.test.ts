/** What pages say where there is more, or less, than usual. */
import { expect, onTestFinished, test } from "vitest";
import { ask, consoleAddress, formTokenIn, textOf } from "../support/console.ts";
import { issuer, startAuthority, startVerifier } from "../support/deployment.ts";
import { eventually } from "../support/eventually.ts";
import { startForeignIssuer } from "../support/foreign-issuer.ts";
import { API, startServer } from "../support/server.ts";

const admin = { address: "127.0.0.1:0" };

test("a verifier shows what it knows, looks up, and sends whoever would revoke to an authority", async () => {
  const authority = await startAuthority();
  const verifier = await startVerifier([authority.address], { admin });
  const address = await consoleAddress(verifier);
  const text = async (path: string) => textOf(await ask(address, path));
  expect(await text("/")).toMatch(/View of revocations .*Verifier of https:\/\/assay\.example/);
  expect(await text("/keys")).toContain("Keys of the authority");

  const client = authority.client({ secret: issuer.secret });
  const { sid } = await client.issue({ mint: { client_id: "web", subject: "a", audience: [API], refresh: true } });
  await client.revoke({ sid });
  const send = async (path: string) => {
    const form = formTokenIn(await ask(address, "/tokens"));
    return textOf(await ask(address, path, { form: { form, by: "sid", name: sid, reason: "a test", sure: "yes" } }));
  };
  await eventually("the verifier knows of the revocation", async () =>
    (await send("/tokens/look-up")).includes("revoked") ? true : undefined,
  );
  expect(await send("/tokens/look-up")).toContain("revoke at an authority");
  expect(await send("/tokens/revoke")).toContain("revoke at an authority");
});

test("of foreign issuers it is told whether their keys could be had", async () => {
  const provider = await startForeignIssuer();
  onTestFinished(() => provider.stop());
  const trusted = {
    discovery: true,
    algorithms: ["ES256" as const],
    audiences: [API],
    allow_http_loopback: true,
  };
  const gone = "http://127.0.0.1:1";
  const server = await startServer({
    admin,
    issuers: [
      { issuer: provider.issuer, ...trusted },
      { issuer: gone, ...trusted },
    ],
  });
  const address = await consoleAddress(server);
  const keys = async () => textOf(await ask(address, "/keys"));
  expect(await keys()).toMatch(new RegExp(`${provider.issuer} not needed yet – 0 none`));
  await server.client().introspect({ token: await provider.token({ audience: API, scope: "read" }) });
  await eventually("the fetch is told", async () =>
    new RegExp(`${provider.issuer} known \\S+ s ago 1 none`).test(await keys()) ? true : undefined,
  );
});

test("where nothing is counted the rest is shown, and it is said how to count", async () => {
  const server = await startServer({ admin, telemetry: { enabled: false } });
  const text = textOf(await ask(await consoleAddress(server), "/"));
  expect(text).toContain("metrics are off");
  expect(text).toMatch(/View of revocations .*this process (fresh|late)/);
});

test("a port that is taken refuses the start, and says which setting to change", async () => {
  const first = await startServer({ admin });
  const address = await consoleAddress(first);
  await expect(startServer({ admin: { address } })).rejects.toThrow(/Cannot serve the console on .*Set admin\.address/);
});

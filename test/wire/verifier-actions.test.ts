/** What a verifier finds has a token revoked at its authority, where the verifier may revoke; where it may not, nothing else breaks. */
import { expect, onTestFinished, test } from "vitest";
import { makeDpopKey } from "../support/dpop.ts";
import { issuer, service, startAuthority, startVerifier, verifierCaller } from "../support/deployment.ts";
import { eventually } from "../support/eventually.ts";
import type { TestServer } from "../support/server.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { atApi, atTokenEndpoint, mintBound, reasonOf } from "./bound-client.ts";
import { failureOf } from "../support/failure-of.ts";

const KIND = "proof_of_another_key";

/** A bound token, and how a verifier answers to the proof of its own key and of another. */
async function boundToken(authority: TestServer, verifier: TestServer, more: object = {}) {
  const [key, other] = [await makeDpopKey(), await makeDpopKey()];
  const issued = await mintBound(authority.client(issuer), key, more);
  const { access_token: token } = issued;
  const ask = async (by: typeof key, at: TestServer) =>
    at.client(service).introspect({ token, ...(await atApi(token, by)), with_signals: true });
  return {
    key,
    issued,
    misused: async () => (await ask(other, verifier)).signals,
    stateAt: async (server: TestServer) => reasonOf(await ask(key, server)),
  };
}

function isRevokedAt(server: TestServer, { stateAt }: { stateAt: (at: TestServer) => Promise<string | undefined> }) {
  return eventually("it is revoked", async () => ((await stateAt(server)) === "REVOKED" ? true : undefined));
}

test.each(["revoke_token", "revoke_family"] as const)(
  "%s is done by its authority, everywhere, and audited there",
  async (action) => {
    const authority = await startAuthority({ log: { audit: true } });
    const verifier = await startVerifier([authority.address], { signals: { actions: { [KIND]: action } } });
    const token = await boundToken(authority, verifier, { refresh: true });
    expect(await token.stateAt(verifier)).toBe("ACTIVE");
    expect(await token.misused()).toMatchObject([{ kind: KIND, action, caller: "service" }]);
    await isRevokedAt(verifier, token);
    await isRevokedAt(authority, token);
    const audited = await eventually("it is audited", () =>
      authority
        .log()
        .split("\n")
        .find((line) => line.includes("audit: assay.revocation")),
    );
    expect(JSON.parse(audited)).toMatchObject({
      "assay.audit.outcome": "done",
      "assay.caller": "verifier",
      "assay.revocation.selector": action === "revoke_family" ? "sid" : "token_id",
    });
    const refresh = { client_id: "web", refresh_token: token.issued.refresh_token ?? "" };
    const refreshing = authority
      .client(issuer)
      .issue({ refresh: { ...refresh, ...(await atTokenEndpoint(token.key)) } });
    const family = await refreshing.then(
      () => "alive",
      () => "dead",
    );
    expect(family).toBe(action === "revoke_token" ? "alive" : "dead");
  },
);

test("a verifier that may not revoke says so in its log, and answers as before", async () => {
  const callers = [
    service.entry,
    issuer.entry,
    { ...verifierCaller.entry, permissions: ["watch" as const, "introspect" as const] },
  ];
  const authority = await startAuthority({ callers });
  const verifier = await startVerifier([authority.address], { signals: { actions: { [KIND]: "revoke_token" } } });
  const token = await boundToken(authority, verifier);
  expect(await token.misused()).toMatchObject([{ kind: KIND, action: "revoke_token" }]);
  const line = await eventually("it says so", () =>
    verifier
      .log()
      .split("\n")
      .find((text) => text.includes("an action failed: a token that is misused lives on")),
  );
  expect(JSON.parse(line)).toMatchObject({
    level: "error",
    cause: KIND,
    action: "revoke_token",
    caller: "service",
    err: { message: expect.stringContaining("lacks the permission 'revoke'") },
  });
  expect(await token.stateAt(verifier)).toBe("ACTIVE");
});

test("an authority that is away at that moment is asked again", async () => {
  const authority = await startAuthority();
  const proxy = await startTcpProxy(Number(authority.address.split(":")[1]));
  onTestFinished(() => proxy.close());
  const verifier = await startVerifier([`127.0.0.1:${proxy.port}`], {
    signals: { actions: { [KIND]: "revoke_token" } },
    upstream: { authorities: [`127.0.0.1:${proxy.port}`], timeout: "250ms" },
    // The answer needs no authority for so long.
    revocations: { max_staleness: "1m" },
  });
  const token = await boundToken(authority, verifier);
  // With all that is known only when it is first asked for.
  expect(await token.stateAt(verifier)).toBe("ACTIVE");
  proxy.hold();
  expect(await token.misused()).toMatchObject([{ kind: KIND, action: "revoke_token" }]);
  // What is passed on later has not been done either.
  const { code } = await failureOf(verifier.client(issuer).revoke({ subject: { sub: "somebody" } }));
  expect(code).toBe("UNAVAILABLE");
  proxy.resume();
  await isRevokedAt(authority, token);
  expect(verifier.log()).not.toContain("an action failed");
});

import { beforeEach, describe, expect, test } from "vitest";
import { AssayError } from "../../../src/core/error.ts";
import { sessionRevoked } from "../../../src/core/events/session-revoked.ts";
import type { SecurityEvent } from "../../../src/core/events/security-event.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { Selector } from "../../../src/core/selector.ts";
import { FOREIGN, ISSUER, openTestCore, START, type TestCore } from "../../support/core-environment.ts";
import { minted, mintedChain, refreshed, refusal, revoked } from "../../support/core-requests.ts";

const SID = "01a20079-115d-734f-9d63-2ee51d9f980f";

function subjectOf(selector: Selector, sub?: string): SecurityEvent["subject"] {
  return sessionRevoked({ selector, at: START, sub }, ISSUER).subject;
}

describe("what is revoked is named", () => {
  const user = { format: "iss_sub", iss: ISSUER, sub: "alice" };

  test.each<[string, Selector, object]>([
    ["a token", { kind: "token", iss: ISSUER, jti: "1" }, { format: "jwt_id", iss: ISSUER, jti: "1" }],
    [
      "a token without an id",
      { kind: "token_digest", iss: FOREIGN, digest: "abc" },
      { format: "complex", token: { format: "opaque", id: "abc" } },
    ],
    [
      "a session of ours",
      { kind: "family", iss: ISSUER, sid: SID },
      { format: "complex", session: { format: "opaque", id: SID } },
    ],
    [
      "a session of another issuer",
      { kind: "family", iss: FOREIGN, sid: "s" },
      { format: "complex", session: { format: "iss_sub", iss: FOREIGN, sub: "s" } },
    ],
    ["a subject", { kind: "subject", iss: ISSUER, sub: "alice" }, user],
    [
      "a client",
      { kind: "client", iss: ISSUER, client_id: "web" },
      { format: "complex", application: { format: "iss_sub", iss: ISSUER, sub: "web" } },
    ],
    [
      "a key",
      { kind: "key", iss: ISSUER, kid: "k" },
      { format: "complex", key: { format: "iss_sub", iss: ISSUER, sub: "k" } },
    ],
    ["an issuer", { kind: "issuer", iss: FOREIGN }, { format: "complex", issuer: { format: "uri", uri: FOREIGN } }],
  ])("%s", (_what, selector, subject) => {
    expect(subjectOf(selector)).toEqual(subject);
  });

  test("a session whose subject is known, with it", () => {
    const subject = { format: "complex", session: { format: "opaque", id: SID }, user };
    expect(subjectOf({ kind: "family", iss: ISSUER, sid: SID }, "alice")).toEqual(subject);
  });
});

describe("who set it off is told where it is known", () => {
  test.each<[Selector, string | undefined]>([
    [{ kind: "subject", iss: ISSUER, sub: "alice" }, undefined],
    [{ kind: "client", iss: ISSUER, client_id: "web" }, "admin"],
    [{ kind: "key", iss: ISSUER, kid: "k" }, "admin"],
    [{ kind: "issuer", iss: FOREIGN }, "admin"],
  ])("asked for by %j: %s", (selector, initiator) => {
    const { details } = sessionRevoked({ selector, at: START, reason: "left" }, ISSUER);
    expect(details["initiating_entity"]).toBe(initiator);
    expect(details["reason_admin"]).toEqual({ en: "left" });
  });

  test("by itself: the system", () => {
    const selector = { kind: "family", iss: ISSUER, sid: SID } as const;
    const { details } = sessionRevoked({ selector, at: START, cause: "refresh_token_reuse" }, ISSUER);
    expect(details).toEqual({
      initiating_entity: "system",
      reason_admin: { en: "A refresh token was used again that had been used before." },
    });
  });
});

describe("a decision tells once", () => {
  let core: TestCore;
  const names = (): string[] => core.events.map(({ name }) => name);

  beforeEach(async () => {
    core = await openTestCore();
  });

  test("of a subject that is revoked, from now on back", async () => {
    await revoked(core, { by: "subject", sub: "alice" }, { reason: "left the company" });
    expect(core.events).toEqual([
      {
        name: "session-revoked",
        at: START,
        subject: { format: "iss_sub", iss: ISSUER, sub: "alice" },
        details: { reason_admin: { en: "left the company" } },
      },
    ]);
  });

  test("of a cut-off in the past, with it", async () => {
    const bornAtOrBefore = START / 1_000 - 60;
    await revoked(core, { by: "subject", sub: "alice" }, { bornAtOrBefore });
    expect(core.events[0]?.details).toMatchObject({ born_at_or_before: bornAtOrBefore });
  });

  test("of a refresh token that is revoked: its session and its subject", async () => {
    const { refresh, sid } = await mintedChain(core);
    await revoked(core, { by: "token", token: refresh.token });
    const user = { format: "iss_sub", iss: ISSUER, sub: "alice" };
    const subject = { format: "complex", session: { format: "opaque", id: sid }, user };
    expect(core.events).toMatchObject([{ name: "session-revoked", subject }]);
  });

  test("of an access token that is revoked: itself alone", async () => {
    const { accessToken } = await minted(core, { format: "jwt" });
    await revoked(core, { by: "token", token: accessToken });
    expect(core.events).toMatchObject([{ subject: { format: "jwt_id", iss: ISSUER } }]);
  });

  test("of a family that dies of a replay", async () => {
    const { refresh, sid } = await mintedChain(core);
    await refreshed(core, refresh.token);
    core.advance(60);
    expect(await refusal(refreshed(core, refresh.token))).toBe("invalid_grant");
    const subject = { session: { format: "opaque", id: sid }, user: { sub: "alice" } };
    expect(core.events).toMatchObject([{ name: "session-revoked", subject, details: { initiating_entity: "system" } }]);

    expect(await refusal(refreshed(core, refresh.token))).toBe("invalid_grant");
    expect(core.events).toHaveLength(1);
  });

  test("of nothing, where it is not known to be in the log", async () => {
    const unknown = new AssayError("store_unavailable", "the store did not answer");
    const { revocations } = core.environment;
    core.environment = { ...core.environment, revocations: { ...revocations, append: () => Promise.reject(unknown) } };
    expect(await refusal(revoked(core, { by: "subject", sub: "alice" }))).toBe("store_unavailable");
    expect(core.events).toEqual([]);
  });

  test("of nothing, where nothing was revoked", async () => {
    await revoked(core, { by: "token", token: (await minted(core)).accessToken });
    await revoked(core, { by: "token", token: new Secret("no token") });
    expect(await refusal(revoked(core, { by: "sid", sid: "no sid" }))).toBe("invalid_request");
    expect(names()).toEqual(["session-revoked"]);
  });
});

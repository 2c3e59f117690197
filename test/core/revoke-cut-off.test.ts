import { describe, expect, test } from "vitest";
import type { RevokeSelector } from "../../src/core/may-revoke.ts";
import { API, FOREIGN, openTestCore, START } from "../support/core-environment.ts";
import { exchanged, minted, mintedChain, refreshed, refusal, revoked, stateOf } from "../support/core-requests.ts";
import { foreignJwt } from "../support/honest-jwt.ts";

const SECOND = START / 1_000;
const BULK: [string, RevokeSelector][] = [
  ["subject", { by: "subject", sub: "alice" }],
  ["client_id", { by: "client_id", clientId: "web" }],
];

describe.each(BULK)("revoking by %s", (_name, selector) => {
  test("kills what was born until now, and leaves what is born later", async () => {
    const core = await openTestCore();
    const before = await mintedChain(core);
    core.advance(0.001);
    await revoked(core, selector);
    core.advance(0.001);
    const after = await mintedChain(core);
    for (const token of [before.accessToken, before.refresh.token]) expect(await stateOf(core, token)).toBe("revoked");
    for (const token of [after.accessToken, after.refresh.token]) expect(await stateOf(core, token)).toBe("active");
  });

  test("kills what was born in the same millisecond before it", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core);
    await revoked(core, selector);
    expect(await stateOf(core, accessToken)).toBe("revoked");
  });

  test("at an instance whose clock is behind kills what was born by the store's until now", async () => {
    const core = await openTestCore();
    const { store } = core.environment;
    const behind = { ...store, clock: { now: () => core.now() - 500 } };
    const { accessToken } = await minted(core);
    await revoked({ ...core, environment: { ...core.environment, store: behind } }, selector);
    expect(await stateOf(core, accessToken)).toBe("revoked");
  });

  test("with a cut-off kills what was born until the end of that second", async () => {
    const core = await openTestCore();
    core.advance(0.999);
    const inside = await minted(core);
    core.advance(0.001);
    const outside = await minted(core);
    core.advance(60);
    await revoked(core, selector, { bornAtOrBefore: SECOND });
    expect(await stateOf(core, inside.accessToken)).toBe("revoked");
    expect(await stateOf(core, outside.accessToken)).toBe("active");
  });

  test("with the current second as cut-off means now, not the rest of the second", async () => {
    const core = await openTestCore();
    core.advance(0.5);
    const before = await minted(core);
    await revoked(core, selector, { bornAtOrBefore: SECOND });
    core.advance(0.1);
    const after = await minted(core);
    expect(await stateOf(core, before.accessToken)).toBe("revoked");
    expect(await stateOf(core, after.accessToken)).toBe("active");
  });

  test.each([1, 60, 1e12])("with a cut-off %d s in the future is refused, and nothing dies", async (late) => {
    const core = await openTestCore();
    core.advance(0.999);
    const { accessToken } = await minted(core);
    const work = revoked(core, selector, { bornAtOrBefore: SECOND + late });
    expect(await refusal(work)).toBe("invalid_request");
    await expect(work).rejects.toMatchObject({ fields: [{ field: "born_at_or_before" }] });
    expect(await stateOf(core, accessToken)).toBe("active");
  });

  test("an earlier cut-off takes nothing back: there is no un-revoke", async () => {
    const core = await openTestCore();
    core.advance(60);
    const { accessToken } = await minted(core);
    await revoked(core, selector);
    await revoked(core, selector, { bornAtOrBefore: SECOND });
    await revoked(core, selector, { bornAtOrBefore: 0 });
    expect(await stateOf(core, accessToken)).toBe("revoked");
  });

  test("a later one reaches further", async () => {
    const core = await openTestCore();
    await revoked(core, selector);
    core.advance(60);
    const { accessToken } = await minted(core);
    await revoked(core, selector);
    expect(await stateOf(core, accessToken)).toBe("revoked");
  });

  test("again, at the same time, changes nothing and is acknowledged alike", async () => {
    const core = await openTestCore();
    const first = await revoked(core, selector);
    expect(await revoked(core, selector)).toEqual(first);
  });
});

describe("a descendant of an old family is old, whenever it was minted:", () => {
  test("a refreshed token dies of a cut-off before the refresh", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core);
    core.advance(3_600);
    const second = await refreshed(core, first.refresh.token);
    await revoked(core, { by: "subject", sub: "alice" }, { bornAtOrBefore: SECOND });
    expect(await stateOf(core, second.accessToken)).toBe("revoked");
    expect(await stateOf(core, second.refresh.token)).toBe("revoked");
    expect(await refusal(refreshed(core, second.refresh.token))).toBe("invalid_grant");
  });

  test("no refresh after the cut-off escapes it", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core);
    await revoked(core, { by: "client_id", clientId: "web" });
    core.advance(60);
    expect(await refusal(refreshed(core, first.refresh.token))).toBe("invalid_grant");
  });

  test("an exchanged token dies of a cut-off before the exchange", async () => {
    const core = await openTestCore();
    const subject = await minted(core);
    core.advance(300);
    const traded = await exchanged(core, subject.accessToken);
    await revoked(core, { by: "client_id", clientId: "orders" }, { bornAtOrBefore: SECOND + 10 });
    expect(await stateOf(core, traded.accessToken)).toBe("revoked");
    expect(await stateOf(core, subject.accessToken)).toBe("active");
  });

  test("an exchanged token is as old as the oldest of its client's that it came from", async () => {
    const core = await openTestCore();
    const subject = await minted(core, { clientId: "orders", audience: [API] });
    core.advance(60);
    const { accessToken: actorToken } = await minted(core, { clientId: "orders", subject: "svc" });
    const traded = await exchanged(core, subject.accessToken, { actorToken });
    await revoked(core, { by: "client_id", clientId: "orders" }, { bornAtOrBefore: SECOND + 30 });
    expect(await stateOf(core, actorToken)).toBe("active");
    expect(await stateOf(core, traded.accessToken)).toBe("revoked");
  });

  test("a token exchanged from a foreign one is as old as that", async () => {
    const core = await openTestCore();
    const subject = foreignJwt(core, { aud: API });
    core.advance(300);
    const traded = await exchanged(core, subject);
    await revoked(core, { by: "subject", iss: FOREIGN, sub: "bob" }, { bornAtOrBefore: SECOND });
    expect(await stateOf(core, traded.accessToken)).toBe("revoked");
  });
});

test("the current second as cut-off says nothing of the rest of it: what begins then is not refused", async () => {
  const core = await openTestCore();
  core.advance(0.5);
  await revoked(core, { by: "subject", sub: "bob" }, { bornAtOrBefore: SECOND });
  core.advance(0.1);
  const traded = await exchanged(core, foreignJwt(core));
  expect(await stateOf(core, traded.accessToken)).toBe("active");
});

describe("a foreign token without a birth is judged by its iat and the leeway:", () => {
  test.each([
    ["issued before the cut-off", 0, "revoked"],
    ["issued after it, within the leeway", 10, "revoked"],
    ["issued after it, beyond the leeway", 11, "active"],
  ])("%s", async (_name, late, expected) => {
    const core = await openTestCore();
    await revoked(core, { by: "subject", iss: FOREIGN, sub: "bob" });
    core.advance(20);
    expect(await stateOf(core, foreignJwt(core, { iat: SECOND + late, exp: SECOND + 600 }))).toBe(expected);
  });

  test("ids that look like ours say nothing: a foreign issuer could make up any birth", async () => {
    const core = await openTestCore();
    await revoked(core, { by: "subject", iss: FOREIGN, sub: "bob" });
    const future = "ffffffff-ffff-7000-8000-000000000000";
    expect(await stateOf(core, foreignJwt(core, { sid: future, jti: future }))).toBe("revoked");
  });
});

test("a revocation lasts as long as anything that it names can live", async () => {
  const core = await openTestCore();
  const { refresh } = await mintedChain(core);
  await revoked(core, { by: "subject", sub: "alice" });
  for (let day = 0; day < 7; day++) {
    core.advance(86_399);
    while ((await core.environment.store.purge()) > 0);
    expect(await refusal(refreshed(core, refresh.token))).toBe("invalid_grant");
  }
  expect(core.signals.map(({ kind }) => kind)).toEqual(Array.from({ length: 7 }, () => "revoked_token_used"));
});

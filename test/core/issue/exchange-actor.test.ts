import { describe, expect, test } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { API, FOREIGN, ISSUER, openTestCore, START, type TestCore } from "../../support/core-environment.ts";
import { exchanged, introspected, minted, refusal } from "../../support/core-requests.ts";
import { foreignJwt, ownJwt } from "../../support/honest-jwt.ts";

/** A token of the client `orders` that speaks for itself. */
async function actorOf(core: TestCore, subject = "orders"): Promise<Secret> {
  return (await minted(core, { clientId: "orders", subject, audience: [API] })).accessToken;
}

async function actIn(core: TestCore, token: Secret): Promise<unknown> {
  const answer = await introspected(core, token);
  return answer.active ? answer.claims.act : answer.outcome;
}

function actor(sub: string, before?: object): object {
  return { iss: ISSUER, sub, client_id: "orders", ...(before === undefined ? {} : { act: before }) };
}

/** What an exchange of a token with this `may_act` yields, by the client itself or with an actor. */
async function tradedUnder(mayAct: unknown, withActor: boolean): Promise<string> {
  const core = await openTestCore();
  const subject = foreignJwt(core, { may_act: mayAct });
  const changes = withActor ? { actorToken: await actorOf(core, "svc") } : {};
  return exchanged(core, subject, changes).then(
    async ({ accessToken }) => JSON.stringify(await introspected(core, accessToken)),
    () => "refused",
  );
}

describe("an actor", () => {
  test("is named in the new token, which still speaks for the subject", async () => {
    const core = await openTestCore();
    const traded = await exchanged(core, (await minted(core)).accessToken, { actorToken: await actorOf(core) });
    const answer = await introspected(core, traded.accessToken);
    const act = { iss: ISSUER, sub: "orders", client_id: "orders" };
    expect(answer).toMatchObject({ active: true, claims: { sub: "alice", client_id: "orders", act } });
  });

  test("of a foreign issuer is named with that issuer", async () => {
    const core = await openTestCore();
    const actorToken = new Secret(foreignJwt(core, { sub: "robot" }));
    const traded = await exchanged(core, (await minted(core)).accessToken, { actorToken });
    expect(await actIn(core, traded.accessToken)).toEqual({ iss: FOREIGN, sub: "robot", client_id: "portal" });
  });

  test("comes first, those before it are nested, newest first", async () => {
    const core = await openTestCore();
    let { accessToken } = await minted(core);
    for (const subject of ["a", "b", "c"]) {
      ({ accessToken } = await exchanged(core, accessToken, {
        actorToken: await actorOf(core, subject),
        audience: [API],
      }));
    }
    expect(await actIn(core, accessToken)).toEqual(actor("c", actor("b", actor("a"))));
  });

  test("is carried on by an exchange without one", async () => {
    const core = await openTestCore();
    const act = { iss: FOREIGN, sub: "robot" };
    const traded = await exchanged(core, foreignJwt(core, { act }));
    expect(await actIn(core, traded.accessToken)).toEqual(act);
  });

  test("may be the fourth, and never the fifth", async () => {
    const core = await openTestCore();
    const act = { sub: "3", act: { sub: "2", act: { sub: "1" } } };
    const [third, fourth] = [foreignJwt(core, { act }), foreignJwt(core, { act: { sub: "4", act } })];
    const traded = await exchanged(core, third, { actorToken: await actorOf(core) });
    expect(await actIn(core, traded.accessToken)).toMatchObject({ sub: "orders", act });
    expect(await refusal(exchanged(core, fourth, { actorToken: await actorOf(core) }))).toBe("invalid_grant");
  });

  test("whose token is not good, or not for the client, is refused", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core);
    const expired = foreignJwt(core, { iat: START / 1_000 - 100, exp: START / 1_000 - 20 });
    const bound = (await minted(core, { clientId: "orders", cnf: { jkt: "x" } })).accessToken.reveal();
    const anothers = (await minted(core, { audience: ["https://orders.example"] })).accessToken.reveal();
    for (const bad of ["", "garbage", expired, bound, anothers, foreignJwt(core, { sub: undefined })]) {
      expect(await refusal(exchanged(core, accessToken, { actorToken: new Secret(bad) }))).toBe("invalid_grant");
    }
  });
});

describe("may_act", () => {
  test.each<[string, unknown, boolean]>([
    ["the client by its id", { client_id: "orders" }, false],
    ["the client as subject", { sub: "orders" }, false],
    ["the actor by its subject", { sub: "svc" }, true],
    ["the actor by subject and issuer", { sub: "svc", iss: ISSUER }, true],
    ["the actor by subject, issuer and client", { sub: "svc", iss: ISSUER, client_id: "orders" }, true],
  ])("that names %s lets it act, and stays in the new token", async (_name, mayAct, withActor) => {
    expect(await tradedUnder(mayAct, withActor)).toContain(`"may_act":${JSON.stringify(mayAct)}`);
  });

  test("that names no issuer does not name the like-named subject of another foreign issuer", async () => {
    const core = await openTestCore();
    const [trusted] = core.environment.issuers.values();
    if (trusted === undefined) throw new Error("the core trusts a foreign issuer");
    const other = "https://other.example";
    core.environment.issuers = new Map([...core.environment.issuers, [other, { ...trusted, issuer: other }]]);
    const subject = () => foreignJwt(core, { may_act: { sub: "svc" } });
    const actorToken = (iss: string) => new Secret(foreignJwt(core, { iss, sub: "svc" }));
    expect(await exchanged(core, subject(), { actorToken: actorToken(FOREIGN) })).toBeDefined();
    expect(await refusal(exchanged(core, subject(), { actorToken: actorToken(other) }))).toBe("invalid_grant");
  });

  test.each<[string, unknown, boolean]>([
    ["another client", { client_id: "web" }, false],
    ["another subject", { sub: "eve" }, false],
    ["another subject than the actor", { sub: "orders" }, true],
    ["the actor's name at another issuer", { sub: "svc", iss: FOREIGN }, true],
    ["the actor with another client", { sub: "svc", client_id: "web" }, true],
    ["an issuer where the client acts itself", { sub: "orders", iss: FOREIGN }, false],
    ["an issuer alone", { iss: ISSUER }, true],
    ["nobody", {}, true],
    ["nobody, as null", null, false],
    ["somebody as a string", "orders", false],
    ["somebody in a list", [{ sub: "orders" }], false],
    ["a number", { sub: 1 }, false],
  ])("that names %s refuses", async (_name, mayAct, withActor) => {
    expect(await tradedUnder(mayAct, withActor)).toBe("refused");
  });

  test("without an issuer names nobody of a third issuer, whose users may bear any name", async () => {
    const core = await openTestCore();
    const actorToken = new Secret(foreignJwt(core, { sub: "svc" }));
    const trade = (mayAct: object) => exchanged(core, ownJwt(core, { may_act: mayAct }), { actorToken });
    expect(await refusal(trade({ sub: "svc" }))).toBe("invalid_grant");
    expect(await trade({ sub: "svc", iss: FOREIGN })).toMatchObject({ tokenType: "Bearer" });
  });
});

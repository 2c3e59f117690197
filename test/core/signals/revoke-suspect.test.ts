import { describe, expect, test } from "vitest";
import type { ActionTaken } from "../../../src/core/signals/signal.ts";
import { revokeSuspect } from "../../../src/core/signals/revoke-suspect.ts";
import type { Secret } from "../../../src/core/secret.ts";
import { caller, FOREIGN, ISSUER, openTestCore, type TestCore } from "../../support/core-environment.ts";
import { introspected, minted, stateOf } from "../../support/core-requests.ts";
import { foreignJwt } from "../../support/honest-jwt.ts";

type Suspected = { iss?: string; jti?: string; digest?: string; sid?: string };

function act(core: TestCore, action: ActionTaken, suspect: Suspected): Promise<void> {
  const whose = { iss: ISSUER, client_id: "web", ...suspect };
  return revokeSuspect(core.environment, { action, suspect: whose, caller: caller(), cause: "proof_replayed" });
}

async function idOf(core: TestCore, token: Secret): Promise<string> {
  const answer = await introspected(core, token);
  const { claims }: { claims: { jti: string } } = JSON.parse(JSON.stringify(answer));
  return claims.jti;
}

describe("a token that is misused", () => {
  test("dies by itself, and others of its family live", async () => {
    const core = await openTestCore();
    const [one, other] = [await minted(core), await minted(core)];
    await act(core, "revoke_token", { jti: await idOf(core, one.accessToken), sid: one.sid });
    expect(await stateOf(core, one.accessToken)).toBe("revoked");
    expect(await stateOf(core, other.accessToken)).toBe("active");
  });

  test("dies with its family", async () => {
    const core = await openTestCore();
    const { accessToken, sid } = await minted(core);
    await act(core, "revoke_family", { sid });
    expect(await stateOf(core, accessToken)).toBe("revoked");
  });

  test("of another issuer dies too", async () => {
    const core = await openTestCore();
    const token = foreignJwt(core, { jti: "t1" });
    expect(await stateOf(core, token)).toBe("active");
    await act(core, "revoke_token", { iss: FOREIGN, jti: "t1" });
    expect(await stateOf(core, token)).toBe("revoked");
  });

  test("is audited with the signal as its cause", async () => {
    const core = await openTestCore();
    const { sid } = await minted(core);
    core.audits.length = 0;
    await act(core, "revoke_family", { sid });
    const event = { kind: "revocation", outcome: "done", caller: "test", clientId: "web", selector: "sid" };
    expect(core.audits).toMatchObject([{ ...event, cause: "proof_replayed", issuer: ISSUER }]);
    expect(JSON.stringify(core.audits)).not.toContain(sid);
  });
});

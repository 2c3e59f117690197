import { describe, expect, test } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { openTestCore } from "../support/core-environment.ts";
import { revoked, stateOf } from "../support/core-requests.ts";
import { foreignJwt } from "../support/honest-jwt.ts";
import { signatureOf } from "../support/sign-jws.ts";
import { foreignParty, ownParty, signed, withSignature } from "./attack.ts";

/** The orders of the groups: of P-256 (FIPS 186), and of Ed25519 (RFC 8032). */
const P256 = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const ED25519 = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;

function toNumber(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString("hex")}`);
}

function toBytes(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(64, "0"), "hex");
}

/** Of one signature (r, s) anybody can make another, (r, n - s), without the key. */
function malleated(token: string): string {
  const [header, payload, signature = ""] = token.split(".");
  const bytes = Buffer.from(signature, "base64url");
  const other = Buffer.concat([bytes.subarray(0, 32), toBytes(P256 - toNumber(bytes.subarray(32)))]);
  return [header, payload, other.toString("base64url")].join(".");
}

describe("a token whose signature anybody can respell (ES256)", () => {
  test.each([
    ["with a jti", "t1"],
    ["without jti", undefined],
  ])("is one token %s: revoking either spelling kills both", async (_name, jti) => {
    for (const revoke of [(token: string) => token, malleated]) {
      const core = await openTestCore();
      const token = foreignJwt(core, { jti });
      expect([await stateOf(core, token), await stateOf(core, malleated(token))]).toEqual(["active", "active"]);
      await revoked(core, { by: "token", token: new Secret(revoke(token)) });
      expect([await stateOf(core, token), await stateOf(core, malleated(token))]).toEqual(["revoked", "revoked"]);
    }
  });

  test("has the same fingerprint in either spelling", async () => {
    const core = await openTestCore();
    const token = foreignJwt(core);
    await revoked(core, { by: "token", token: new Secret(token) });
    await stateOf(core, token);
    await stateOf(core, malleated(token));
    expect(core.signals[1]).toEqual(core.signals[0]);
  });

  test("is one token though its issuer signed it twice", async () => {
    const core = await openTestCore();
    const party = foreignParty(core);
    const payload = { ...party.payload, jti: undefined };
    const [one, other] = [signed(party, { payload }), signed(party, { payload })];
    expect(one).not.toBe(other);
    await revoked(core, { by: "token", token: new Secret(one) });
    expect(await stateOf(core, other)).toBe("revoked");
  });
});

describe("a signature of Ed25519", () => {
  test("has no second spelling: S + L is refused", async () => {
    const core = await openTestCore();
    const token = withSignature((_party, _signedPart, honest) => {
      const s = toNumber(Buffer.from(honest.subarray(32).toReversed()));
      return Buffer.concat([honest.subarray(0, 32), Buffer.from(toBytes(s + ED25519).toReversed())]);
    })(ownParty(core));
    expect(await stateOf(core, token)).toBe("bad_signature");
  });

  test("is the same each time", async () => {
    const core = await openTestCore();
    const { key } = ownParty(core);
    expect(signatureOf("a.b", key)).toEqual(signatureOf("a.b", key));
  });
});

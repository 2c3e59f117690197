/** What is still done for a call that goes at one step of a decision or another. */
import { beforeAll, describe, expect, test } from "vitest";
import type { Gate } from "../../src/core/gate.ts";
import type { IssuerKeys, Trace } from "../../src/core/ports.ts";
import type { PresentedProof } from "../../src/core/proof/presented-proof.ts";
import { recogniseFrom } from "../../src/core/recognise-own.ts";
import type { Revocations } from "../../src/core/revocations/revocations.ts";
import { Secret } from "../../src/core/secret.ts";
import { tracedStore } from "../../src/telemetry/traced-store.ts";
import { FOREIGN, openTestCore, START, type TestCore } from "../support/core-environment.ts";
import {
  exchanged,
  introspected,
  minted,
  mintedChain,
  refreshed,
  refusal,
  revoked,
  stateOf,
} from "../support/core-requests.ts";
import { type DpopKey, dpopProof, hashOf, makeDpopKey } from "../support/dpop.ts";
import { foreignJwt } from "../support/honest-jwt.ts";
import { leavingCall } from "../support/leaving-call.ts";

const HTTP = { method: "GET", uri: "https://api.example/orders/1" };

type Watched = TestCore & {
  /** Everything that was begun for the call: `signature`, `issuer_keys.find`, and what was asked of the view and the store. */
  steps: string[];
};

/** The same core, asked by a call that goes as the step begins, or before the first. */
function goingAt(core: TestCore, step: "first" | (string & {})): Watched {
  const call = leavingCall();
  if (step === "first") call.leave();
  const steps: string[] = [];
  const begin = (name: string): void => {
    steps.push(name);
    if (name === step) call.leave();
  };
  const trace: Trace = (name, _attributes, work) => {
    if (!name.startsWith("assay.verify_")) begin(name.replace(/^assay\.(store\.)?/, ""));
    return work();
  };
  const { environment } = core;
  const signatureChecks: Gate = (asking, work) =>
    environment.signatureChecks(asking, () => {
      begin("signature");
      return work();
    });
  const store = tracedStore(environment.store, "sqlite", trace);
  const recogniseOwn = recogniseFrom({ ...environment, store });
  const revocations: Revocations = {
    ...environment.revocations,
    settle(revision) {
      begin("revocations.settle");
      return environment.revocations.settle(revision);
    },
    append(revocation) {
      begin("revocations.append");
      return environment.revocations.append(revocation);
    },
  };
  return {
    ...core,
    environment: { ...environment, call, trace, store, recogniseOwn, revocations, signatureChecks },
    steps,
  };
}

let key: DpopKey;
beforeAll(async () => {
  key = await makeDpopKey();
});

async function proof(token?: Secret): Promise<PresentedProof> {
  const ath = token === undefined ? {} : { ath: hashOf(token.reveal()) };
  const claims = { htm: HTTP.method, htu: HTTP.uri, iat: START / 1_000, ...ath };
  return { dpop: new Secret(await dpopProof(key, claims)), http: HTTP };
}

async function foreignToken(core: TestCore): Promise<Secret> {
  return new Secret(foreignJwt(core));
}

type Ask = (core: TestCore, token: Secret) => Promise<unknown>;
type Make = (core: TestCore) => Promise<Secret>;

const jwt: Make = async (core) => (await minted(core)).accessToken;
const opaque: Make = async (core) => (await minted(core, { format: "opaque" })).accessToken;
const boundOpaque: Make = async (core) => (await minted(core, { format: "opaque", cnf: { jkt: key.jkt } })).accessToken;
const refreshToken: Make = async (core) => (await mintedChain(core)).refresh.token;

const introspecting: Ask = async (core, token) => introspected(core, token, { proof: await proof(token) });
const minting: Ask = (core) => mintedChain(core, { format: "opaque" });
const revoking: Ask = (core, token) => revoked(core, { by: "token", token });

test.each<[string, Make, Ask, string[]]>([
  ["Introspect of a JWT", jwt, introspecting, ["signature"]],
  ["Introspect of a foreign JWT", foreignToken, introspecting, ["issuer_keys.find"]],
  ["Introspect of a foreign JWT", foreignToken, introspecting, ["issuer_keys.find", "signature"]],
  ["Introspect of an opaque token", opaque, introspecting, ["opaque_tokens.get"]],
  ["Introspect of a refresh token", refreshToken, introspecting, ["families.read"]],
  ["Introspect of a bound token", boundOpaque, introspecting, ["opaque_tokens.get", "revocations.settle"]],
  ["Introspect of a bound token", boundOpaque, introspecting, ["opaque_tokens.get", "revocations.settle", "signature"]],
  ["Mint", jwt, minting, ["revocations.settle"]],
  ["Refresh", refreshToken, refreshed, ["families.read", "revocations.settle"]],
  ["Exchange", jwt, exchanged, ["signature"]],
  ["Exchange", jwt, exchanged, ["signature", "revocations.settle"]],
  ["Revoke of a JWT", jwt, revoking, ["signature"]],
])("%s: when the call goes during the last of %3$j, nothing more is done for it", async (_what, make, ask, steps) => {
  const core = await openTestCore();
  const token = await make(core);
  const watched = goingAt(core, steps.at(-1) ?? "first");
  expect(await refusal(ask(watched, token))).toBe("call_gone");
  expect(watched.steps).toEqual(steps);
});

test.each<[string, Make, Ask]>([
  ["Introspect", jwt, introspecting],
  ["Revoke", jwt, (core) => revoked(core, { by: "client_id", clientId: "web" })],
  ["Exchange", jwt, exchanged],
  ["Refresh", refreshToken, refreshed],
])("%s does nothing for a call that has gone before", async (_what, make, ask) => {
  const core = await openTestCore();
  const token = await make(core);
  const watched = goingAt(core, "first");
  expect(await refusal(ask(watched, token))).toBe("call_gone");
  expect(watched.steps).toEqual([]);
});

describe("what has begun to be written is finished, though the call goes meanwhile:", () => {
  test("a family and its first opaque token", async () => {
    const core = await openTestCore();
    const { accessToken, refresh } = await mintedChain(goingAt(core, "families.create"), { format: "opaque" });
    for (const token of [accessToken, refresh.token]) expect(await stateOf(core, token)).toBe("active");
  });

  test("a rotation after the use of its proof", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core, { format: "opaque" });
    const watched = goingAt(core, "replays.remember");
    const second = await refreshed(watched, first.refresh.token, { proof: await proof() });
    expect(watched.steps).toEqual(expect.arrayContaining(["families.rotate", "opaque_tokens.put"]));
    expect(await stateOf(core, second.refresh.token)).toBe("active");
  });

  test("the death of a family", async () => {
    const core = await openTestCore();
    const { sid, refresh } = await mintedChain(core);
    const watched = goingAt(core, "revocations.append");
    await revoked(watched, { by: "sid", sid });
    expect(watched.steps).toEqual(["revocations.append", "families.kill"]);
    expect(await stateOf(core, refresh.token)).toBe("revoked");
  });

  test("the revocation of a key of ours, and that it is replaced", async () => {
    const core = await openTestCore();
    let replaced = 0;
    const takeOver = async (): Promise<void> => void (replaced += 1);
    core.environment.keyring = { ...core.environment.keyring, takeOver };
    await revoked(goingAt(core, "revocations.append"), { by: "key_id", kid: "own" });
    expect(replaced).toBe(1);
  });
});

describe("a thief who hangs up kills the family all the same, and is reported, with", () => {
  test.each<[string, number, string[]]>([
    ["a token out of its grace", 11, []],
    ["the predecessor, for another scope", 0, ["read"]],
  ])("%s", async (_what, seconds, scopes) => {
    const core = await openTestCore();
    const first = await mintedChain(core);
    const second = await refreshed(core, first.refresh.token);
    core.advance(seconds);
    const gone = goingAt(core, "families.read");
    expect(await refusal(refreshed(gone, first.refresh.token, { scopes }))).toBe("invalid_grant");
    expect(core.signals).toMatchObject([{ kind: "refresh_token_reuse", severity: "critical" }]);
    for (const token of [second.accessToken, second.refresh.token]) expect(await stateOf(core, token)).toBe("revoked");
  });
});

test("a rotation that was stopped, or whose answer nobody heard, can be tried again within the grace", async () => {
  const core = await openTestCore();
  const { refresh } = await mintedChain(core);
  expect(await refusal(refreshed(goingAt(core, "families.read"), refresh.token))).toBe("call_gone");
  const unheard = await refreshed(goingAt(core, "families.rotate"), refresh.token);
  const retried = await refreshed(core, refresh.token);
  expect(retried.refresh.token.reveal()).toBe(unheard.refresh.token.reveal());
});

test("a call that goes waits for an issuer's keys no longer, and the fetch goes on for the others", async () => {
  const core = await openTestCore();
  const trusted = core.environment.issuers.get(FOREIGN);
  if (trusted === undefined) throw new Error("the core trusts a foreign issuer");
  const fetched = Promise.withResolvers<void>();
  const keys: IssuerKeys = { ...trusted.keys, find: (header) => fetched.promise.then(() => trusted.keys.find(header)) };
  core.environment.issuers = new Map([[FOREIGN, { ...trusted, keys }]]);
  const token = foreignJwt(core);
  const call = leavingCall();
  const refused = refusal(introspected({ ...core, environment: { ...core.environment, call } }, token));
  const other = introspected(core, token);
  call.leave();
  expect(await refused).toBe("call_gone");
  fetched.resolve();
  expect(await other).toMatchObject({ active: true });
});

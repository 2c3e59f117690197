import { expect, test } from "vitest";
import {
  type ActedUpon,
  type ActionRules,
  actionFor as actFor,
  PROVED_KINDS,
  TOLD_KINDS,
} from "../../../src/core/signals/actions.ts";
import { type ActionTaken, type Finding, SIGNAL_KINDS, type SignalKind } from "../../../src/core/signals/signal.ts";
import { caller, ISSUER } from "../../support/core-environment.ts";

const SUSPECT = { iss: ISSUER, jti: "t1", sid: "s1" };
const LIAR = caller();
const TRUSTED = caller({ isContextTrusted: true });

function everyKind(action: ActionTaken): ActionRules {
  return new Map([...PROVED_KINDS, ...TOLD_KINDS].map((kind): [ActedUpon, ActionTaken] => [kind, action]));
}

function actionFor(...about: Parameters<typeof actFor>): ActionTaken | undefined {
  return actFor(...about)?.action;
}

function warning(kind: SignalKind): Finding {
  return { kind, severity: "warning", caller: "test" };
}

test("nothing is done where nothing is configured", () => {
  for (const kind of SIGNAL_KINDS) expect(actionFor(new Map(), TRUSTED, warning(kind), SUSPECT)).toBeUndefined();
});

test.each(PROVED_KINDS)("what is proved (%s) is acted upon, whoever forwards it", (kind) => {
  expect(actionFor(everyKind("revoke_token"), LIAR, warning(kind), SUSPECT)).toBe("revoke_token");
});

test.each(TOLD_KINDS)("what a caller says (%s) is acted upon for callers alone that are trusted with it", (kind) => {
  const rules = everyKind("revoke_family");
  expect(actionFor(rules, LIAR, warning(kind), SUSPECT)).toBeUndefined();
  expect(actionFor(rules, TRUSTED, warning(kind), SUSPECT)).toBe("revoke_family");
});

test("no other kind is ever acted upon", () => {
  const others = SIGNAL_KINDS.filter((kind) => ![...PROVED_KINDS, ...TOLD_KINDS].some((known) => known === kind));
  const actions = others.map((kind) => actionFor(everyKind("revoke_token"), TRUSTED, warning(kind), SUSPECT));
  expect(actions).toEqual(others.map(() => undefined));
});

test("what is worth no warning is not acted upon", () => {
  const finding: Finding = { ...warning("token_context_changed"), severity: "info" };
  expect(actionFor(everyKind("revoke_token"), TRUSTED, finding, SUSPECT)).toBeUndefined();
});

test("a token without a family is revoked by itself", () => {
  const suspect = { iss: ISSUER, jti: "t1" };
  expect(actionFor(everyKind("revoke_family"), LIAR, warning("proof_replayed"), suspect)).toBe("revoke_token");
});

test("a refresh token, which has no name of its own, is revoked with its family", () => {
  const suspect = { iss: ISSUER, sid: "s1" };
  expect(actionFor(everyKind("revoke_token"), LIAR, warning("proof_replayed"), suspect)).toBe("revoke_family");
});

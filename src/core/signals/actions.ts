import type { Caller } from "../caller.ts";
import type { Traceable } from "../traceable.ts";
import type { ActionTaken, Finding, SignalKind } from "./signal.ts";

/** Whose tokens are revoked. */
export type Suspect = Traceable & { client_id?: string | undefined };

/** What is to be revoked, and what for. */
export type Act = { action: ActionTaken; suspect: Suspect; caller: Caller; cause: ActedUpon };

/** By configuration; none for a kind that is not in it. */
export type ActionRules = ReadonlyMap<ActedUpon, ActionTaken>;

/** Does what an action says, when the call has been answered. Never throws, and never waits. */
export type TakeAction = (act: Act) => void;

/** Kinds that only who holds the token can cause, with a proof that is signed: what a caller forwards of its clients cannot. */
export const PROVED_KINDS = ["proof_replayed", "proof_of_another_key"] as const satisfies readonly SignalKind[];

/** Kinds that follow from what a caller forwards or does: acted upon for callers alone that are permitted for it. */
export const TOLD_KINDS = [
  "token_context_changed",
  "token_in_many_networks",
  "token_velocity",
  "audience_probing",
] as const satisfies readonly SignalKind[];

/** Kinds that may have a token revoked by itself. */
export type ActedUpon = (typeof PROVED_KINDS)[number] | (typeof TOLD_KINDS)[number];

const PROVED: ReadonlySet<SignalKind> = new Set(PROVED_KINDS);
const TOLD: ReadonlySet<SignalKind> = new Set(TOLD_KINDS);

/** What follows from a finding by itself. Nothing follows from what is worth no warning. */
export function actionFor(
  rules: ActionRules,
  caller: Caller,
  { kind, severity }: Finding,
  suspect: Suspect | undefined,
): Act | undefined {
  if (suspect === undefined || severity === "info" || !isActedUpon(kind)) return undefined;
  const action = PROVED.has(kind) || caller.isContextTrusted ? rules.get(kind) : undefined;
  if (action === undefined) return undefined;
  return { action: possible(action, suspect), suspect, caller, cause: kind };
}

/** What has no family is revoked by itself; a refresh token has no name of its own, and dies with its family as whenever it is revoked. */
function possible(action: ActionTaken, { sid, jti, digest }: Suspect): ActionTaken {
  if (sid === undefined) return "revoke_token";
  return jti === undefined && digest === undefined ? "revoke_family" : action;
}

function isActedUpon(kind: SignalKind): kind is ActedUpon {
  return PROVED.has(kind) || TOLD.has(kind);
}

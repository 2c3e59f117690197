import type { Caller } from "../caller.ts";
import type { Traceable } from "../fingerprint.ts";
import type { ActionTaken, Finding, SignalKind } from "./signal.ts";

/** Whose tokens are revoked. */
export type Suspect = Traceable & { client_id?: string | undefined };

/** What is to be revoked, and what for. */
export type Act = { action: ActionTaken; suspect: Suspect; caller: Caller; cause: SignalKind };

/** By configuration; none for a kind that is not in it. */
export type ActionRules = ReadonlyMap<SignalKind, ActionTaken>;

/** Does what an action says, when the call has been answered. Never throws, and never waits. */
export type TakeAction = (act: Act) => void;

/** Kinds that only who holds a key, or a token, can cause: a caller that lies cannot. */
export const PROVED_KINDS = ["proof_replayed", "proof_of_another_key"] as const satisfies readonly SignalKind[];

/** Kinds that follow from what a caller forwards or does: acted upon for callers alone that are permitted for it. */
export const TOLD_KINDS = [
  "token_context_changed",
  "token_in_many_networks",
  "token_velocity",
  "audience_probing",
] as const satisfies readonly SignalKind[];

const PROVED: ReadonlySet<SignalKind> = new Set(PROVED_KINDS);
const TOLD: ReadonlySet<SignalKind> = new Set(TOLD_KINDS);

/** What follows from a finding by itself. Nothing follows from what is worth no warning. */
export function actionFor(
  rules: ActionRules,
  caller: Caller,
  { kind, severity }: Finding,
  suspect: Suspect | undefined,
): ActionTaken | undefined {
  if (suspect === undefined || severity === "info") return undefined;
  const isSure = PROVED.has(kind) || (TOLD.has(kind) && caller.isContextTrusted);
  const action = isSure ? rules.get(kind) : undefined;
  return action === "revoke_family" && suspect.sid === undefined ? "revoke_token" : action;
}

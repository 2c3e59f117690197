import type { Config } from "../config/schema.ts";
import type { Environment } from "../core/environment.ts";
import { refusedTokens } from "../core/refused-tokens.ts";
import { rememberedTokens } from "../core/remembered/remembered-tokens.ts";
import { sharedWork } from "../core/shared-work.ts";
import { type ActedUpon, type ActionRules, PROVED_KINDS, TOLD_KINDS } from "../core/signals/actions.ts";
import type { ActionTaken } from "../core/signals/signal.ts";
import type { OpenKeys } from "./issuer-key-pool.ts";
import { trustedIssuers } from "./trusted-issuers.ts";

/** What of an environment the configuration says, and a reload may change. */
export type Policy = Pick<
  Environment,
  "issuer" | "leeway" | "accessMaxLifetime" | "fingerprintPeriod" | "dpop" | "issuers" | "actions" | keyof Memory
>;

/** What was found of tokens under one policy: another finds it anew. */
export type Memory = Pick<Environment, "firstSights" | "refusedTokens" | "rememberedTokens">;

/** @throws StartError when the keys of an issuer cannot be had as configured */
export function policyOf(config: Config, openKeys: OpenKeys): Policy {
  return {
    issuer: config.issuer,
    leeway: config.tokens.leeway,
    accessMaxLifetime: config.tokens.access_max_lifetime,
    fingerprintPeriod: config.telemetry.fingerprint_period,
    dpop: { maxAge: config.dpop.max_age, requireNonce: config.dpop.require_nonce },
    issuers: trustedIssuers(config, openKeys),
    actions: actionRules(config),
    ...newMemory(config),
  };
}

function actionRules({ signals: { actions } }: Config): ActionRules {
  const rules = new Map<ActedUpon, ActionTaken>();
  for (const kind of [...PROVED_KINDS, ...TOLD_KINDS]) {
    const action = actions[kind];
    if (action !== "none") rules.set(kind, action);
  }
  return rules;
}

/** What another policy refused or admitted says nothing. */
export function newMemory({ limits }: Config): Memory {
  return {
    firstSights: sharedWork(),
    refusedTokens: refusedTokens(),
    rememberedTokens: rememberedTokens(limits.remembered_bytes),
  };
}

import type { Caller, Limit } from "../caller.ts";
import type { ClientContext } from "../client-context.ts";
import type { Environment } from "../environment.ts";
import type { InactiveReason } from "../inactive-reason.ts";
import type { Recognised } from "../recognised.ts";
import type { OtherKey } from "../proof/other-key.ts";
import { contentOf, hashIn, secondHashIn, type TokenRecord } from "../remembered/token-record.ts";
import { tokenDigest } from "../token/token-digest.ts";
import type { Claims } from "../token/claims.ts";
import type { Secret } from "../secret.ts";
import type { Observation, ObservedToken } from "./observation.ts";
import type { Suspect } from "./actions.ts";
import { report } from "./report.ts";
import type { Signal } from "./signal.ts";

/** What came of a token that was presented. */
export type Shown = {
  caller: Caller;
  /** Those that were asked for. */
  audiences: Limit;
  context: ClientContext | undefined;
  outcome: "active" | InactiveReason;
  /** It has the form of a refresh token of ours. */
  isRefreshToken?: boolean;
  token?: ObservedToken | undefined;
  proofKey?: OtherKey | undefined;
};

const NONE: readonly Signal[] = [];

/** Judges what a call has shown, and tells what that shows of misuse. Nearly always it is nothing, and costs as little. */
export function observe(environment: Environment, shown: Shown): readonly Signal[] {
  const { caller, audiences, context, outcome, isRefreshToken, token, proofKey } = shown;
  const observation: Observation = {
    at: environment.store.clock.now(),
    caller: caller.name,
    outcome,
    audiences,
    clientIp: context?.clientIp,
    userAgent: context?.userAgent,
    isRefreshToken,
    token,
    proofKey,
  };
  const found = environment.detectors.judge(observation);
  return found.length === 0 ? NONE : found.map((each) => report(environment, caller, each));
}

/** A token that is remembered: what lies beside its record is read only where it is asked for. */
export function observedRecord(environment: Environment, known: TokenRecord): ObservedToken {
  return new ObservedRecord(environment, known);
}

/** A class for its cost: a getter and a function made anew for each call take as long as all that is judged by them. */
class ObservedRecord implements ObservedToken {
  readonly high: number;
  readonly low: number;
  readonly kind = "access";
  readonly #environment: Environment;
  readonly #known: TokenRecord;

  constructor(environment: Environment, known: TokenRecord) {
    this.high = hashIn(known);
    this.low = secondHashIn(known);
    this.#environment = environment;
    this.#known = known;
  }

  get issuedFrom(): string | undefined {
    return issuedFromOf(this.#environment, contentOf(this.#known).claims);
  }

  origin(): Suspect {
    return contentOf(this.#known).origins[0];
  }
}

export function observedToken(
  environment: Environment,
  text: Secret,
  token: Pick<Recognised, "kind" | "claims" | "origins">,
): ObservedToken {
  const digest = Buffer.from(tokenDigest(text.reveal()), "latin1");
  return {
    high: digest.readInt32LE(0),
    low: digest.readInt32LE(4),
    kind: token.kind,
    issuedFrom: issuedFromOf(environment, token.claims),
    origin: () => token.origins[0],
  };
}

/** Another issuer's tokens may say anything under that name. */
function issuedFromOf({ issuer }: Environment, { iss, assay_from: from }: Claims): string | undefined {
  return iss === issuer ? from : undefined;
}

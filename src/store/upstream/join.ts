import { timingSafeEqual } from "node:crypto";
import type { SharedKeys } from "../../core/derived-keys.ts";
import { StartError } from "../../core/start-error.ts";
import { AuthorityServiceService } from "../../gen/assay/v1/authority_service.ts";
import type { Duration } from "../../gen/google/protobuf/duration.ts";
import type { AuthorityChannel } from "./authority-channel.ts";

/** What all instances of a deployment share, as far as a verifier may know it. */
export type Joined = {
  keys: SharedKeys;
  /** The greatest lifetime of its own access tokens, in seconds. */
  accessMaxLifetime: number;
  /** Clock leeway for `iat` of its own tokens, in seconds. */
  leeway: number;
  /** How long fingerprints stay the same, in seconds; 0: for ever. */
  fingerprintPeriod: number;
};

export type JoinTerms = {
  /** The `iss` of the deployment's own tokens. */
  issuer: string;
  timeoutMs: number;
  /** What was joined before: its keys never change. */
  before: Joined | undefined;
};

const KEY_BYTES = 32;
/** What is said of one that is not ours. */
const GREATEST_ISSUER = 200;

/** @throws StartError when it is an authority of another deployment; ServiceError when it does not answer, or not to us */
export async function join(channel: AuthorityChannel, { issuer, timeoutMs, before }: JoinTerms): Promise<Joined> {
  const answer = await channel.ask(AuthorityServiceService.join, {}, { timeoutMs });
  if (answer.issuer !== issuer) {
    throw new StartError(
      `The authority at ${channel.address} issues as '${answer.issuer.slice(0, GREATEST_ISSUER)}', and this verifier is configured for '${issuer}': correct issuer, or name authorities of that deployment in upstream.authorities.`,
    );
  }
  const keys = { selector: answer.selector_key, fingerprint: answer.fingerprint_key, nonce: answer.nonce_key };
  if (Object.values(keys).some((key) => key.length !== KEY_BYTES))
    throw new StartError(`The authority at ${channel.address} shares no keys: start the same version of Assay there.`);
  if (before !== undefined && !areSame(before.keys, keys)) {
    throw new StartError(
      `The authority at ${channel.address} is of another deployment than the one that this verifier joined before: its keys are others. Remove it from upstream.authorities, or start this verifier again where the deployment was set up anew.`,
    );
  }
  return {
    keys,
    accessMaxLifetime: secondsOf(answer.access_max_lifetime),
    leeway: secondsOf(answer.leeway),
    fingerprintPeriod: secondsOf(answer.fingerprint_period),
  };
}

function areSame(known: SharedKeys, found: SharedKeys): boolean {
  return (
    timingSafeEqual(known.selector, found.selector) &&
    timingSafeEqual(known.fingerprint, found.fingerprint) &&
    timingSafeEqual(known.nonce, found.nonce)
  );
}

function secondsOf(duration: Duration | undefined): number {
  return duration?.seconds ?? 0;
}

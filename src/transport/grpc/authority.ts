/** What a verifier asks of an authority. */
import { type Caller, requirePermission } from "../../core/caller.ts";
import type { Authority } from "../../core/environment.ts";
import type { OwnToken } from "../../core/token/verified-token.ts";
import type { ProofUse as CoreProofUse } from "../../core/ports.ts";
import { rememberProof as remember } from "../../core/proof/remember-proof.ts";
import { recogniseForVerifier, type Untold } from "../../core/recognise-for-verifier.ts";
import { countForVerifier } from "../../core/signals/count-for-verifier.ts";
import { Secret } from "../../core/secret.ts";
import { OPAQUE_PREFIX } from "../../core/token/opaque-token.ts";
import { REFRESH_PREFIX } from "../../core/token/refresh-token.ts";
import {
  type CountNetworksRequest,
  type CountNetworksResponse,
  type JoinResponse,
  ProofUse,
  type RecogniseRequest,
  type RecogniseResponse,
  type RememberProofRequest,
  type RememberProofResponse,
  Standing,
  type SyncRequest,
  type SyncResponse,
} from "../../gen/assay/v1/authority_service.ts";
import { toDuration, toMilliseconds } from "./duration.ts";
import type { Answer } from "./rpc.ts";
import { type Fault, identifier, required, text } from "./text-rules.ts";
import { gatherViolations } from "./violations.ts";

const GREATEST_TOKEN = 16_384;
const DIGEST_BYTES = 16;

const STANDINGS: Readonly<Record<OwnToken["standing"], Standing>> = {
  current: Standing.STANDING_CURRENT,
  superseded: Standing.STANDING_SUPERSEDED,
  dead: Standing.STANDING_DEAD,
};

const PROOF_USES: Readonly<Record<CoreProofUse, ProofUse>> = {
  first: ProofUse.PROOF_USE_FIRST,
  same_request: ProofUse.PROOF_USE_SAME_REQUEST,
  replayed: ProofUse.PROOF_USE_REPLAYED,
};

export async function join(
  { issuer, keys, accessMaxLifetime, leeway, fingerprintPeriod }: Authority,
  caller: Caller,
): Promise<Answer<JoinResponse>> {
  requirePermission(caller, "introspect");
  return {
    response: {
      issuer,
      selector_key: keys.selector,
      fingerprint_key: keys.fingerprint,
      nonce_key: keys.nonce,
      access_max_lifetime: toDuration(accessMaxLifetime * 1_000),
      leeway: toDuration(leeway * 1_000),
      fingerprint_period: toDuration(fingerprintPeriod * 1_000),
    },
  };
}

export async function sync(
  { revocations, store }: Authority,
  caller: Caller,
  { at_least_as_fresh: revision }: SyncRequest,
): Promise<Answer<SyncResponse>> {
  requirePermission(caller, "introspect");
  const violations = gatherViolations();
  violations.add("at_least_as_fresh", identifier(revision));
  violations.throwIfAny();
  if (revision !== "") await revocations.settle(revision);
  await revocations.prove();
  const now = store.clock.now();
  return {
    response: {
      revision: revocations.revision(),
      store_time_ms: Math.floor(now),
      proved_at_ms: Math.floor(now - revocations.staleForMs()),
    },
  };
}

export async function recognise(
  environment: Authority,
  caller: Caller,
  { token }: RecogniseRequest,
): Promise<Answer<RecogniseResponse>> {
  const violations = gatherViolations();
  violations.add("token", required(token) ?? text(token, GREATEST_TOKEN) ?? ownForm(token));
  violations.throwIfAny();
  const told = await recogniseForVerifier(environment, caller, new Secret(token));
  if (typeof told === "string") return { response: untold(told), outcome: "unknown" };
  const { payload, standing, keyId = "" } = told;
  return {
    response: {
      claims: JSON.stringify(payload),
      standing: standing === undefined ? Standing.STANDING_UNSPECIFIED : STANDINGS[standing],
      key_id: keyId,
      unknown_key: false,
    },
    outcome: "recognised",
  };
}

function untold(why: Untold): RecogniseResponse {
  return { claims: "", standing: Standing.STANDING_UNSPECIFIED, key_id: "", unknown_key: why === "unknown_key" };
}

export async function rememberProof(
  environment: Authority,
  caller: Caller,
  { key, request, expires_at_ms: expiresAt }: RememberProofRequest,
): Promise<Answer<RememberProofResponse>> {
  const violations = gatherViolations();
  violations.add("key", requiredDigest(key));
  violations.add("request", request.length === 0 ? undefined : digest(request));
  violations.throwIfAny();
  const asked = { key, request: request.length === 0 ? undefined : request, expiresAt };
  return { response: { use: PROOF_USES[await remember(environment, caller, asked)] } };
}

export async function countNetworks(
  environment: Authority,
  caller: Caller,
  { token, network, window }: CountNetworksRequest,
): Promise<Answer<CountNetworksResponse>> {
  const violations = gatherViolations();
  violations.add("token", requiredDigest(token));
  violations.add("network", requiredDigest(network));
  violations.add("window", window === undefined ? "is required" : undefined);
  violations.throwIfAny();
  const asked = { token, network, windowMs: window === undefined ? 0 : toMilliseconds(window) };
  return { response: { count: await countForVerifier(environment, caller, asked) } };
}

function ownForm(token: string): Fault {
  if (token.startsWith(OPAQUE_PREFIX) || token.startsWith(REFRESH_PREFIX)) return undefined;
  return "must be an opaque token or a refresh token of Assay's own";
}

function requiredDigest(bytes: Buffer): Fault {
  return bytes.length === 0 ? "is required" : digest(bytes);
}

function digest(bytes: Buffer): Fault {
  return bytes.length === DIGEST_BYTES ? undefined : `must be ${DIGEST_BYTES} bytes`;
}

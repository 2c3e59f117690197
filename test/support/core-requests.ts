/** Requests to a test core: honest ones, in which a test changes what it is about. */
import type { Caller } from "../../src/core/caller.ts";
import { AssayError, type ErrorCode } from "../../src/core/error.ts";
import type { InactiveReason } from "../../src/core/inactive-reason.ts";
import type { Recognised } from "../../src/core/recognised.ts";
import { introspect } from "../../src/core/introspect.ts";
import type { ActiveIntrospection, Introspection, IntrospectRequest } from "../../src/core/introspection.ts";
import { exchange, type ExchangeRequest } from "../../src/core/issue/exchange.ts";
import type { Issued } from "../../src/core/issue/issued.ts";
import { mint, type MintRequest } from "../../src/core/issue/mint.ts";
import { refresh, type RefreshRequest } from "../../src/core/issue/refresh.ts";
import type { Acknowledgement } from "../../src/core/revocation-log.ts";
import type { PresentedProof } from "../../src/core/proof/presented-proof.ts";
import type { RevokeSelector } from "../../src/core/may-revoke.ts";
import { revoke, type RevokeRequest } from "../../src/core/revoke.ts";
import { Secret } from "../../src/core/secret.ts";
import { API, caller, ORDERS, type TestCore } from "./core-environment.ts";
import { recordTokensIn } from "./leaks/record.ts";

type As = { as?: Caller };

const everything = caller();

/** Alice's token for the client `web`, good at the API, with all of the client's scopes. */
export async function minted(core: TestCore, changes: Partial<MintRequest> & As = {}): Promise<Issued> {
  const { as = everything, ...request } = changes;
  const honest = { clientId: "web", subject: "alice", scopes: ["read", "write"], audience: [API], refresh: false };
  return recorded(await mint(core.environment, as, { ...honest, ...request }));
}

export type Chain = Issued & { refresh: { token: Secret; expiresIn: number } };

/** As `minted`, with a refresh token. */
export async function mintedChain(core: TestCore, changes: Partial<MintRequest> & As = {}): Promise<Chain> {
  return withRefresh(await minted(core, { ...changes, refresh: true }));
}

export async function refreshed(
  core: TestCore,
  token: Secret | string,
  changes: Partial<RefreshRequest> & As = {},
): Promise<Chain> {
  const { as = everything, ...request } = changes;
  const honest = { refreshToken: secret(token), clientId: "web", scopes: [] };
  return withRefresh(recorded(await refresh(core.environment, as, { ...honest, ...request })));
}

/** The client `orders`, which serves the API, trades a token for one that is good at ORDERS. */
export async function exchanged(
  core: TestCore,
  subjectToken: Secret | string,
  changes: Partial<ExchangeRequest> & As = {},
): Promise<Issued> {
  const { as = everything, ...request } = changes;
  const honest = { clientId: "orders", subjectToken: secret(subjectToken), audience: [ORDERS], scopes: [] };
  return recorded(await exchange(core.environment, as, { ...honest, ...request }));
}

export function revoked(
  core: TestCore,
  selector: RevokeSelector,
  changes: Partial<RevokeRequest> & As = {},
): Promise<Acknowledgement | undefined> {
  const { as = everything, ...request } = changes;
  return revoke(core.environment, as, { selector, ...request });
}

type IntrospectionChanges = Partial<Omit<IntrospectRequest, "proof">> & { proof?: PresentedProof } & As;
/** What the test core describes a token by. */
type Described = Pick<Recognised, "kind" | "claims">;
/** As decided, with what is known of an active token by name. */
export type Introspected =
  | Exclude<Introspection, ActiveIntrospection>
  | (Omit<ActiveIntrospection, "answerWith"> & Described);

export async function introspected(
  core: TestCore,
  token: Secret | string,
  changes: IntrospectionChanges = {},
): Promise<Introspected> {
  const { as = everything, proof, ...changed } = changes;
  const request = { token: secret(token), audience: [], requiredScopes: [], proof: () => proof ?? {}, ...changed };
  const answer = await introspect(core.environment, as, request);
  if (!answer.active) return answer;
  const { answerWith, ...rest } = answer;
  const known: Described = JSON.parse(Buffer.from(answerWith(Buffer.alloc(0))).toString());
  return { ...rest, ...known };
}

/** `active`, or why not. */
export async function stateOf(
  core: TestCore,
  token: Secret | string,
  changes: IntrospectionChanges = {},
): Promise<"active" | InactiveReason> {
  const answer = await introspected(core, token, changes);
  return answer.active ? "active" : answer.outcome;
}

/** The code of the error that something is refused with. */
export async function refusal(work: Promise<unknown>): Promise<ErrorCode> {
  try {
    await work;
  } catch (error) {
    if (error instanceof AssayError) return error.code;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** For the search at the end of the run. */
function recorded(issued: Issued): Issued {
  for (const token of [issued.accessToken, issued.refresh?.token]) recordTokensIn(token?.reveal() ?? "");
  return issued;
}

function secret(token: Secret | string): Secret {
  if (typeof token !== "string") return token;
  recordTokensIn(token);
  return new Secret(token);
}

function withRefresh(issued: Issued): Chain {
  const { refresh: next } = issued;
  if (next === undefined) throw new Error("no refresh token was issued");
  return { ...issued, refresh: next };
}

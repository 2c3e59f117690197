import { annotateRecord } from "./annotate.ts";
import type { Caller, Reach } from "./caller.ts";
import type { Environment } from "./environment.ts";
import { type ActiveIntrospection, type IntrospectRequest, keeping } from "./introspection.ts";
import { find } from "./recognise.ts";
import {
  answerIn,
  isBound,
  lifeOf,
  marksIn,
  namesIn,
  setUnnamedAt,
  type TokenRecord,
  unnamedAt,
} from "./remembered/token-record.ts";
import { copyMarks } from "./revocations/marks.ts";
import { observe, observedRecord } from "./signals/observe.ts";
import { grantsAll } from "./token/claims.ts";
import { beyondReach } from "./within-reach.ts";

/** The short way to the most frequent answer. Undefined for whatever it cannot tell: the long way does. */
export function activeAtOnce(
  environment: Environment,
  caller: Caller,
  asked: Reach,
  request: IntrospectRequest,
): ActiveIntrospection | undefined {
  const { token, requiredScopes, atLeastAsFresh, withMarks, withSignals, context } = request;
  const { revocations } = environment;
  if (withSignals === true) return undefined;
  const known = find(environment, token.reveal());
  if (known === undefined || isBound(known) || !revocations.isSettled(atLeastAsFresh)) return undefined;
  // What is said to be known is what is judged by now.
  const revision = revocations.revision();
  const now = environment.store.clock.now();
  const { from, until } = lifeOf(known);
  if (now < from || now >= until || isNamed(revocations, known)) return undefined;
  const names = namesIn(known);
  const isMeant = beyondReach(environment, caller, asked, { kind: "access", claims: names }) === undefined;
  if (!isMeant || !grantsAll(names.scope, requiredScopes)) return undefined;
  const seen = observedRecord(environment, known);
  if (request.isOneOfMany !== true) annotateRecord(environment, known);
  observe(environment, { caller, audiences: asked.audiences, context, outcome: "active", token: seen });
  return {
    active: true,
    answerWith: (rest) => answerIn(known, rest),
    revision,
    ...keeping(caller, now, until),
    ...(withMarks === true ? { marks: copyMarks(marksIn(known)) } : undefined),
  };
}

/** Looks only where revocations have come since it was looked at last. */
function isNamed(revocations: Environment["revocations"], known: TokenRecord): boolean {
  const changes = revocations.changes();
  if (unnamedAt(known) === changes) return false;
  if (revocations.nameOneOf(marksIn(known))) return true;
  setUnnamedAt(known, changes);
  return false;
}

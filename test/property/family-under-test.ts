import type { TokenFormat } from "../../src/core/environment.ts";
import { AssayError } from "../../src/core/error.ts";
import type { Secret } from "../../src/core/secret.ts";
import type { TestCore } from "../support/core-environment.ts";
import { type Chain, mintedChain, refreshed, stateOf } from "../support/core-requests.ts";
import {
  accessStanding,
  ACCESS,
  type ModelFamily,
  newFamily,
  type ModelOutcome,
  present,
  standing,
} from "./family-model.ts";

type Pair = { refresh: Secret; access: Secret; accessExpiresAt: number; isAccessRevoked: boolean };

/** A real family beside its model. */
export type FamilyUnderTest = {
  sid: string;
  model: ModelFamily;
  /** By generation. */
  pairs: Pair[];
};

/** A refresh that is sent: of the token so many generations back, for a scope. */
export type Sent = { back: number; scope: "" | "read" | "write" };

export async function beginFamily(core: TestCore, format: TokenFormat): Promise<FamilyUnderTest> {
  const now = secondsOf(core);
  const chain = await mintedChain(core, { format });
  return { sid: chain.sid, model: newFamily(now), pairs: [pairOf(chain, now)] };
}

/**
 * Sends refreshes at one time. What is answered must be what the model says for some order of them.
 * @returns undefined when it is, else what was seen
 */
export async function sendTogether(
  core: TestCore,
  family: FamilyUnderTest,
  sent: readonly Sent[],
): Promise<string | undefined> {
  const now = secondsOf(core);
  const presented = sent.map(({ back, scope }) => ({ scope, generation: Math.max(0, family.pairs.length - 1 - back) }));
  const answers = await Promise.all(
    presented.map(({ generation, scope }) => answerTo(core, family.pairs[generation], scope)),
  );
  for (const order of ordersOf(presented.map((_, index) => index))) {
    let { model } = family;
    const outcomes: ModelOutcome[] = [];
    for (const index of order) {
      const { generation, scope } = presented[index] ?? { generation: 0, scope: "" };
      [model, outcomes[index]] = present(model, generation, scope, now);
    }
    if (!areAsPredicted(family, answers, outcomes)) continue;
    learn(family, answers, outcomes, now);
    family.model = model;
    return undefined;
  }
  return `no order of ${JSON.stringify(presented)} explains ${answers.map((answer) => (answer?.refresh.token === undefined ? "refused" : "issued")).join()} in ${JSON.stringify(family.model)}`;
}

/** Whatever is not as the model says, of all tokens that the family ever had. */
export async function discrepancies(core: TestCore, family: FamilyUnderTest): Promise<string[]> {
  const now = secondsOf(core);
  const found: string[] = [];
  for (const [generation, pair] of family.pairs.entries()) {
    const refresh = [await stateOf(core, pair.refresh), standing(family.model, generation, now)];
    const expected = accessStanding(family.model, pair.accessExpiresAt, pair.isAccessRevoked, now);
    const access = [await stateOf(core, pair.access), expected];
    if (refresh[0] !== refresh[1]) found.push(`refresh token ${generation}: ${refresh.join(", expected ")}`);
    if (access[0] !== access[1]) found.push(`access token ${generation}: ${access.join(", expected ")}`);
  }
  return found;
}

function secondsOf(core: TestCore): number {
  return core.now() / 1_000;
}

function pairOf({ accessToken, refresh }: Chain, issuedAt: number): Pair {
  return { access: accessToken, refresh: refresh.token, accessExpiresAt: issuedAt + ACCESS, isAccessRevoked: false };
}

async function answerTo(core: TestCore, pair: Pair | undefined, scope: string): Promise<Chain | undefined> {
  try {
    return await refreshed(core, pair?.refresh ?? "", { scopes: scope === "" ? [] : [scope] });
  } catch (error) {
    if (error instanceof AssayError && error.code === "invalid_grant") return undefined;
    throw error;
  }
}

function* ordersOf(indexes: readonly number[]): Generator<number[]> {
  if (indexes.length === 0) yield [];
  for (const first of indexes) {
    for (const rest of ordersOf(indexes.filter((index) => index !== first))) yield [first, ...rest];
  }
}

/** A generation has one successor: whoever gets it gets the very same tokens, and a new one is like none before. */
function areAsPredicted(
  family: FamilyUnderTest,
  answers: readonly (Chain | undefined)[],
  outcomes: readonly ModelOutcome[],
): boolean {
  const known = new Map(
    family.pairs.map(({ refresh, access }, generation) => [generation, `${refresh.reveal()} ${access.reveal()}`]),
  );
  return outcomes.every((outcome, index) => {
    const answer = answers[index];
    if (outcome === "refused" || answer === undefined) return outcome === "refused" && answer === undefined;
    const tokens = `${answer.refresh.token.reveal()} ${answer.accessToken.reveal()}`;
    const isNew = !known.has(outcome.issued) && !new Set(known.values()).has(tokens);
    if (isNew) known.set(outcome.issued, tokens);
    return known.get(outcome.issued) === tokens;
  });
}

function learn(
  family: FamilyUnderTest,
  answers: readonly (Chain | undefined)[],
  outcomes: readonly ModelOutcome[],
  now: number,
): void {
  for (const [index, outcome] of outcomes.entries()) {
    const answer = answers[index];
    if (outcome === "refused" || answer === undefined || family.pairs[outcome.issued] !== undefined) continue;
    family.pairs[outcome.issued] = pairOf(answer, now);
  }
}

/** Judges a history by the promises. Knows nothing of servers, stores or faults. */
import { type Told, told } from "./families.ts";
import type { Call, Recorded, TokenName } from "./history.ts";

export type Rules = {
  /** How long after an acknowledgement another instance may still answer active, in milliseconds. */
  boundMs: number;
  /** Each has been asked about every token from `settledFrom` on. */
  instances: readonly string[];
  /** From then on there were no faults any more: milliseconds of the history's clock. */
  settledFrom: number;
  /** The store may lose what was minted and rotated: it has been emptied, or set back. What was revoked stays revoked. */
  mayLoseTokens?: boolean;
  /**
   * What a store at the durability `local` may do when it is cut in two: let a generation have two successors, and answer at its old
   * side until the sides have met again.
   */
  mayLag?: boolean;
};

export type Rule =
  | "revoked and active"
  | "revoked and refreshed"
  | "two successors"
  | "replayed and refreshed"
  | "not asked at the end"
  | "inactive without cause"
  | "refused without cause"
  | "fault of its own"
  | "unanswered while closed";

/** `what`: a sentence. `calls`: the records that prove it. */
export type Violation = { rule: Rule; what: string; calls: readonly Recorded[] };

export function checkHistory(records: readonly Recorded[], rules: Rules): Violation[] {
  const all = told(records, rules.mayLoseTokens === true);
  return [
    ...records.flatMap((record) => judge(record, all, rules)),
    ...twoSuccessors(records, rules),
    ...replayed(all, rules),
    ...notAsked(records, all, rules),
  ];
}

function judge(record: Recorded, all: Told, rules: Rules): Violation[] {
  if (record.because?.startsWith("INTERNAL") === true) {
    return [{ rule: "fault of its own", what: `${record.call} was answered ${record.because}`, calls: [record] }];
  }
  if (record.call === "introspect" && record.outcome === "ok") {
    return record.detail.active === true ? revokedAndActive(record, all, rules) : inactive(record, all, rules);
  }
  if (record.call !== "refresh") return [];
  return record.outcome === "ok" ? revokedAndRefreshed(record, all, rules) : refused(record, all, rules);
}

/** Promises 1 and 2: at once where it was revoked and where its revision is asked for, elsewhere within the bound. */
function revokedAndActive(asked: Call<"introspect">, { ofToken, revocations }: Told, rules: Rules): Violation[] {
  const family = ofToken.get(asked.detail.token);
  if (family === undefined) return [];
  const isLate = ({ at, ended }: Recorded): boolean => {
    const isAtOnce = at === asked.at || asked.detail.asFresh === true;
    return ended + (isAtOnce ? 0 : rules.boundMs) <= asked.begun;
  };
  const isExcused = rules.mayLag === true && asked.begun < rules.settledFrom;
  const late = revocations.surelyNaming(asked.detail.token, family).find(isLate);
  if (late === undefined || isExcused) return [];
  const after = Math.round(asked.begun - late.ended);
  const what = `${asked.at} answered active ${after} ms after ${late.at} had acknowledged the revocation`;
  return [{ rule: "revoked and active", what, calls: [late, asked] }];
}

function inactive(asked: Call<"introspect">, { ofToken, revocations }: Told, { mayLoseTokens }: Rules): Violation[] {
  const { token } = asked.detail;
  const family = ofToken.get(token);
  if (family === undefined || mayLoseTokens === true || revocations.mayName(token, family, asked.ended)) return [];
  // Of refresh tokens only the current generation is active.
  if (family.refreshTokens.has(token) && family.presented.has(token)) return [];
  const what = `${asked.at} answered inactive, and nobody had revoked it`;
  return [{ rule: "inactive without cause", what, calls: [asked] }];
}

function revokedAndRefreshed(refreshed: Call<"refresh">, { ofToken, revocations }: Told, rules: Rules): Violation[] {
  const family = ofToken.get(refreshed.detail.presented);
  if (family === undefined || (rules.mayLag === true && refreshed.begun < rules.settledFrom)) return [];
  const late = revocations
    .surelyNaming(refreshed.detail.presented, family)
    .find(({ at, ended }) => ended + (at === refreshed.at ? 0 : rules.boundMs) <= refreshed.begun);
  if (late === undefined) return [];
  const what = `${refreshed.at} refreshed ${Math.round(refreshed.begun - late.ended)} ms after the family was revoked`;
  return [{ rule: "revoked and refreshed", what, calls: [late, refreshed] }];
}

/** Promise 4. The clients use no token whose successor they have used. */
function refused(asked: Call<"refresh">, { ofToken, revocations }: Told, { mayLoseTokens }: Rules): Violation[] {
  const { presented } = asked.detail;
  const family = ofToken.get(presented);
  if (asked.outcome !== "failed" || family === undefined || mayLoseTokens === true) return [];
  if (asked.because?.includes("INVALID_GRANT") !== true) return [];
  if (revocations.mayName(presented, family, asked.ended)) return [];
  const what = `${asked.at} refused the current refresh token, and nobody had revoked it`;
  return [{ rule: "refused without cause", what, calls: [asked] }];
}

/** Promise 3. */
function twoSuccessors(records: readonly Recorded[], { mayLag }: Rules): Violation[] {
  if (mayLag === true) return [];
  const first = new Map<string, Call<"refresh">>();
  const violations: Violation[] = [];
  for (const record of records) {
    if (record.call !== "refresh" || record.detail.given === undefined) continue;
    const { presented, given } = record.detail;
    const earlier = first.get(presented);
    if (earlier === undefined) first.set(presented, record);
    else if (earlier.detail.given?.refresh !== given.refresh) {
      const what = `one refresh token got two different successors, from ${earlier.at} and ${record.at}`;
      violations.push({ rule: "two successors", what, calls: [earlier, record] });
    }
  }
  return violations;
}

/** Promise 4, the other way: the grace is not for tokens whose successor has been used. */
function replayed({ replays }: Told, { mayLoseTokens }: Rules): Violation[] {
  if (mayLoseTokens === true) return [];
  return [...replays.certain.values()]
    .flat()
    .filter(({ outcome }) => outcome === "ok")
    .map((call) => ({
      rule: "replayed and refreshed",
      what: `${call.at} refreshed a token whose successor had been used`,
      calls: [call],
    }));
}

/** Without an answer from every instance nothing is proved of a token. */
function notAsked(records: readonly Recorded[], { ofToken }: Told, rules: Rules): Violation[] {
  const asked = new Set<string>();
  for (const record of records) {
    if (record.call !== "introspect" || record.outcome !== "ok" || record.begun < rules.settledFrom) continue;
    asked.add(`${record.at} ${record.detail.token}`);
  }
  return [...ofToken.keys()].flatMap((token): Violation[] => {
    const missing = rules.instances.filter((name) => !asked.has(`${name} ${token}`));
    if (missing.length === 0) return [];
    const what = `${missing.join(" and ")} did not say at the end whether ${token} is active: not asked, or without an answer`;
    return [{ rule: "not asked at the end", what, calls: records.filter((record) => gave(record, token)) }];
  });
}

function gave(record: Recorded, token: TokenName): boolean {
  if (record.call !== "mint" && record.call !== "refresh") return false;
  const { given } = record.detail;
  return given?.access === token || given?.refresh === token;
}

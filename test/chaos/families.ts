/** What a history tells of the tokens that were given, and of the revocations that name them. */
import type { Call, Recorded, TokenName } from "./history.ts";
import { type Replays, replaysIn } from "./replays.ts";

export type Family = {
  sid: string;
  subject: string;
  /** The call that began it: its birth lies between the two times. */
  from: Call<"mint">;
  refreshTokens: ReadonlySet<TokenName>;
  /** Refresh tokens that somebody has tried to use. */
  presented: ReadonlySet<TokenName>;
};

export type Revocations = {
  /** The calls that have surely ended the token, when they had been answered: acknowledged revocations, and replays that were refused. */
  surelyNaming(token: TokenName, family: Family): readonly Recorded[];
  /** Whether any, acknowledged or not, that had begun by then may have ended it. */
  mayName(token: TokenName, family: Family, by: number): boolean;
};

export type Told = { ofToken: ReadonlyMap<TokenName, Family>; revocations: Revocations; replays: Replays };

/** All that the checker has to know of a history. */
export function told(records: readonly Recorded[], mayLoseTokens: boolean): Told {
  const replays = replaysIn(records);
  return { ofToken: familiesOf(records), replays, revocations: revocationsOf(records, replays, mayLoseTokens) };
}

function familiesOf(records: readonly Recorded[]): Told["ofToken"] {
  const ofToken = new Map<TokenName, Family>();
  const begun = new Map<string, Family & { refreshTokens: Set<TokenName>; presented: Set<TokenName> }>();
  for (const record of records) {
    if (record.call !== "mint" || record.detail.given === undefined) continue;
    const { sid } = record.detail.given;
    const { subject } = record.detail;
    begun.set(sid, { sid, subject, from: record, refreshTokens: new Set(), presented: new Set() });
  }
  for (const record of records) {
    if (record.call !== "mint" && record.call !== "refresh") continue;
    const { given } = record.detail;
    const family = begun.get(record.call === "refresh" ? record.detail.sid : (given?.sid ?? ""));
    if (family === undefined) continue;
    if (record.call === "refresh") family.presented.add(record.detail.presented);
    if (given === undefined) continue;
    family.refreshTokens.add(given.refresh);
    ofToken.set(given.access, family).set(given.refresh, family);
  }
  return ofToken;
}

/** @param mayLoseTokens then a replay may be refused because the family is not known any more, which ends nothing */
function revocationsOf(
  records: readonly Recorded[],
  { certain, possibleFrom }: Replays,
  mayLoseTokens: boolean,
): Revocations {
  const naming = new Map<string, Call<"revoke">[]>();
  for (const record of records) {
    if (record.call !== "revoke") continue;
    const key = keyOf(record);
    const others = naming.get(key);
    if (others === undefined) naming.set(key, [record]);
    else others.push(record);
  }
  const aboutToken = (token: TokenName, family: Family): Call<"revoke">[] => {
    // A refresh token stands for its family.
    const byToken = [token, ...family.refreshTokens].map((name) => `token ${name}`);
    return [...new Set([...byToken, `sid ${family.sid}`, `subject ${family.subject}`])].flatMap(
      (key) => naming.get(key) ?? [],
    );
  };
  const replaysOf = ({ sid }: Family): Recorded[] =>
    mayLoseTokens ? [] : (certain.get(sid) ?? []).filter(({ because }) => because?.includes("INVALID_GRANT"));
  return {
    surelyNaming: (token, family) => [
      ...aboutToken(token, family).filter((call) => call.outcome === "ok" && names(call, family) === "surely"),
      ...replaysOf(family),
    ],
    mayName: (token, family, by) =>
      (possibleFrom.get(family.sid) ?? Infinity) <= by ||
      aboutToken(token, family).some(
        (call) => call.outcome !== "failed" && call.begun <= by && names(call, family) !== "never",
      ),
  };
}

/** A subject's revocation names the families born at or before its cut-off, which is when it is made where none is given. */
function names(
  { detail: { named }, begun, ended }: Call<"revoke">,
  { sid, from }: Family,
): "surely" | "perhaps" | "never" {
  if (named.by !== "subject") return "surely";
  if (named.bornBy !== undefined) return birthOf(sid) <= named.bornBy ? "surely" : "never";
  if (from.ended <= begun) return "surely";
  return from.begun <= ended ? "perhaps" : "never";
}

/** A sid is a UUIDv7. */
function birthOf(sid: string): number {
  return Number.parseInt(sid.replaceAll("-", "").slice(0, 12), 16);
}

function keyOf({ detail: { named } }: Call<"revoke">): string {
  switch (named.by) {
    case "token":
      return `token ${named.token}`;
    case "sid":
      return `sid ${named.sid}`;
    case "subject":
      return `subject ${named.subject}`;
  }
}

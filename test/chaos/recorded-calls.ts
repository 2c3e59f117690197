/** The calls of a client, each written into the history whatever comes of it. Never throws for what a server answers. */
import { CallError } from "../support/call-error.ts";
import type { IssuedTokens } from "../support/client.ts";
import type { Attempt, Given, History, Named, Outcome } from "./history.ts";
import { nameOf } from "./history.ts";
import { AUDIENCE, CLIENT_ID } from "./instance-config.ts";
import type { Instance } from "./instance.ts";

export type Tokens = { access: string; refresh: string; sid: string; subject: string };

export type Target =
  | { by: "token"; token: string }
  | { by: "sid"; sid: string }
  | { by: "subject"; subject: string; bornBySeconds?: number };

export type Result<Value = object> = { outcome: Outcome; value?: Value };

export type RecordedCalls = {
  mint(at: Callable, subject: string, format: "JWT" | "OPAQUE"): Promise<Result<Tokens>>;
  refresh(at: Callable, tokens: Tokens): Promise<Result<Tokens>>;
  /** The value is the revision. */
  revoke(at: Callable, target: Target): Promise<Result<string>>;
  /** The value is whether it is active. @param revision of a revocation that names the token */
  introspect(at: Callable, token: string, revision?: string): Promise<Result<boolean>>;
};

export type Callable = Pick<Instance, "name" | "client">;

/** Longer than any answer should take: what takes longer is unknown. */
const DEADLINE_MS = 3_000;
/** Said of a call that has changed nothing. */
const REFUSALS: ReadonlySet<string> = new Set([
  "FAILED_PRECONDITION",
  "INVALID_ARGUMENT",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
]);

class UnknownToken extends Error {}

export function recordedCalls(history: History, client: string): RecordedCalls {
  async function record<Value>(
    at: Callable,
    work: () => Promise<Value>,
    attemptOf: (value: Value | undefined) => Attempt,
  ): Promise<Result<Value>> {
    const begun = performance.now();
    const [outcome, because, value] = await settled(work);
    const ended = performance.now();
    const reason = because === undefined ? {} : { because };
    history.append({ ...attemptOf(value), client, at: at.name, begun, ended, outcome, ...reason });
    return value === undefined ? { outcome } : { outcome, value };
  }

  function remembered(tokens: Tokens): Tokens {
    history.given.add(tokens.access).add(tokens.refresh);
    return tokens;
  }

  return {
    mint: (at, subject, format) =>
      record(
        at,
        async () => {
          const mint = { client_id: CLIENT_ID, subject, audience: [AUDIENCE], scope: "read", format, refresh: true };
          return remembered(tokensOf(await at.client().issue({ mint }, soon()), subject));
        },
        (tokens) => ({ call: "mint", detail: { subject, ...given(tokens) } }),
      ),
    refresh: (at, { refresh, sid, subject }) =>
      record(
        at,
        async () => {
          const request = { refresh: { refresh_token: refresh, client_id: CLIENT_ID } };
          return remembered(tokensOf(await at.client().issue(request, soon()), subject));
        },
        (tokens) => ({ call: "refresh", detail: { subject, sid, presented: nameOf(refresh), ...given(tokens) } }),
      ),
    revoke: (at, target) =>
      record(
        at,
        async () => {
          const { revision } = await at.client().revoke(selectorOf(target), soon());
          // RFC 7009 section 2.2 of what a store does not know: but what is revoked here has been given.
          if (revision === undefined) throw new UnknownToken();
          return revision;
        },
        () => ({ call: "revoke", detail: { named: named(target) } }),
      ),
    introspect: (at, token, revision) =>
      record(
        at,
        async () => {
          const fresh = revision === undefined ? {} : { at_least_as_fresh: revision };
          return (await at.client().introspect({ token, ...fresh }, soon())).active === true;
        },
        (active) => ({
          call: "introspect",
          detail: {
            token: nameOf(token),
            ...(active === undefined ? {} : { active }),
            ...(revision === undefined ? {} : { asFresh: true }),
          },
        }),
      ),
  };
}

async function settled<Value>(work: () => Promise<Value>): Promise<[Outcome, string | undefined, Value | undefined]> {
  try {
    return ["ok", undefined, await work()];
  } catch (error) {
    if (error instanceof UnknownToken) return ["failed", "OK without a revision", undefined];
    if (!(error instanceof CallError)) throw error;
    const because = error.reason === undefined ? error.code : `${error.code} ${error.reason}`;
    return [REFUSALS.has(error.code) ? "failed" : "unknown", because, undefined];
  }
}

function soon(): { deadline: Date } {
  return { deadline: new Date(Date.now() + DEADLINE_MS) };
}

function tokensOf({ access_token: access, refresh_token: refresh, sid }: IssuedTokens, subject: string): Tokens {
  if (refresh === undefined) throw new Error("a refresh token was asked for, and none came");
  return { access, refresh, sid, subject };
}

function given(tokens: Tokens | undefined): { given?: Given } {
  if (tokens === undefined) return {};
  return { given: { access: nameOf(tokens.access), refresh: nameOf(tokens.refresh), sid: tokens.sid } };
}

function selectorOf(target: Target): object {
  switch (target.by) {
    case "token":
      return { token: target.token };
    case "sid":
      return { sid: target.sid };
    case "subject": {
      const { subject, bornBySeconds } = target;
      return {
        subject: { sub: subject },
        ...(bornBySeconds === undefined ? {} : { born_at_or_before: bornBySeconds }),
      };
    }
  }
}

function named(target: Target): Named {
  if (target.by === "token") return { by: "token", token: nameOf(target.token) };
  if (target.by === "sid") return target;
  const { by, subject, bornBySeconds } = target;
  // To the end of that second, as Revoke understands it.
  return { by, subject, ...(bornBySeconds === undefined ? {} : { bornBy: bornBySeconds * 1_000 + 999 }) };
}

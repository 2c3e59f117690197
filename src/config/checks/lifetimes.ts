import type { Path } from "../config-error.ts";
import type { Check } from "../draft.ts";

type Lifetimes = {
  access_lifetime?: number | undefined;
  access_max_lifetime?: number | undefined;
  refresh_idle_lifetime?: number | undefined;
  refresh_absolute_lifetime?: number | undefined;
};

/** Everything lives for a while, a default no longer than its greatest, an idle token no longer than its family. */
export const checkLifetimes: Check = (draft, report) => {
  checkPositive(draft.tokens, ["tokens"]);
  checkOrder(draft.tokens, draft.tokens, ["tokens"]);
  for (const [index, client] of draft.clients.entries()) {
    const path = ["clients", index];
    checkPositive(client, path);
    checkOrder(client, { ...draft.tokens, ...defined(client) }, path);
    if (exceeds(client.access_max_lifetime, draft.tokens.access_max_lifetime)) {
      report([...path, "access_max_lifetime"], "exceeds tokens.access_max_lifetime: lower it, or raise that");
    }
  }
  for (const [index, issuer] of draft.issuers.entries()) {
    if (issuer.max_lifetime === 0) report(["issuers", index, "max_lifetime"], TOO_SHORT);
  }
  if (draft.store.timeout === 0) report(["store", "timeout"], TOO_SHORT);

  function checkPositive(lifetimes: Lifetimes, path: Path): void {
    for (const key of KEYS) {
      if (lifetimes[key] === 0) report([...path, key], TOO_SHORT);
    }
  }

  /** `effective` is what holds where the place itself says nothing: only what it says itself can be wrong. */
  function checkOrder(own: Lifetimes, effective: Lifetimes, path: Path): void {
    if (exceeds(own.access_lifetime, effective.access_max_lifetime)) {
      report([...path, "access_lifetime"], "exceeds access_max_lifetime: lower it, or raise that");
    }
    if (exceeds(own.refresh_idle_lifetime, effective.refresh_absolute_lifetime)) {
      report([...path, "refresh_idle_lifetime"], "exceeds refresh_absolute_lifetime: lower it, or raise that");
    }
  }
};

const TOO_SHORT = "must be more than 0";
const KEYS = ["access_lifetime", "access_max_lifetime", "refresh_idle_lifetime", "refresh_absolute_lifetime"] as const;

function exceeds(lesser: number | undefined, greater: number | undefined): boolean {
  return lesser !== undefined && greater !== undefined && lesser > greater;
}

function defined({ access_max_lifetime, refresh_absolute_lifetime }: Lifetimes): Lifetimes {
  return {
    ...(access_max_lifetime === undefined ? {} : { access_max_lifetime }),
    ...(refresh_absolute_lifetime === undefined ? {} : { refresh_absolute_lifetime }),
  };
}

import type { Logger } from "pino";
import type { Config } from "../config/schema.ts";
import type { Trace } from "../core/ports.ts";
import { followRevocations, type RevocationView } from "../core/revocations/revocations.ts";
import { type AuthorityKeys, authorityKeys } from "../keys/authority-keys.ts";
import { openUpstream, type Upstream } from "../store/upstream/open-upstream.ts";
import { untraced } from "../telemetry/trace.ts";
import { keepSwept } from "./upkeep.ts";
import { upstreamSettings } from "./upstream-options.ts";

/** What a verifier has of its authority. */
export type FollowedUpstream = {
  upstream: Upstream;
  revocations: RevocationView;
  keyring: AuthorityKeys;
  /** From now on there is a span around each question that a request waits for. */
  traceWith: (trace: Trace) => void;
};

export type FollowOptions = {
  config: Config;
  log: Logger;
  /** What is opened is put here, to be closed in reverse. */
  opened: AsyncDisposableStack;
};

/**
 * Begins to follow an authority. Resolves when one has been joined, and tells the live revocations while a start goes on, or when none
 * could be in time.
 */
export async function followUpstream({ config, log, opened }: FollowOptions): Promise<FollowedUpstream> {
  const maxStalenessMs = config.revocations.max_staleness;
  let taken = untraced;
  const upstream = openUpstream({
    ...upstreamSettings(config),
    issuer: config.issuer,
    maxStalenessMs,
    trace: (name, attributes, work) => taken(name, attributes, work),
    log: ({ level, event, authority, message }) => log[level]({ event, authority }, message),
  });
  opened.defer(() => upstream.close());
  const revocations = followRevocations({ store: upstream.revocations, maxStalenessMs });
  opened.defer(() => revocations.close());
  const sweeping = keepSwept(revocations, upstream.clock);
  opened.defer(() => sweeping.stop());
  const keyring = authorityKeys({ fetch: upstream.fetchKeys, log });
  opened.defer(() => keyring.close());
  await keyring.load();
  return {
    upstream,
    revocations,
    keyring,
    traceWith: (trace) => {
      taken = trace;
    },
  };
}

import type { SharedKeys } from "../../core/derived-keys.ts";
import type { Environment, Forwarding, RecogniseOwn } from "../../core/environment.ts";
import { AssayError } from "../../core/error.ts";
import type { Trace } from "../../core/ports.ts";
import type { RevocationStore } from "../../core/revocation-log.ts";
import { AuthorityServiceService } from "../../gen/assay/v1/authority_service.ts";
import { TokenServiceService } from "../../gen/assay/v1/token_service.ts";
import { startServerClock } from "../server-clock.ts";
import { type Authorities, authorities as joinAuthorities, type AuthoritiesOptions } from "./authorities.ts";
import { followAuthority } from "./follow-authority.ts";
import { forwardToAuthority } from "./forward-call.ts";
import type { Joined } from "./join.ts";
import { networksAtAuthority } from "./networks.ts";
import { recogniseAtAuthority } from "./recognise-at-authority.ts";
import { replaysAtAuthority } from "./replays.ts";
import { reportToAuthority, type ReportSignals } from "./report-signals.ts";
import { asUnavailable } from "./upstream-error.ts";

export type UpstreamOptions = AuthoritiesOptions & {
  /** How old a proof may be that no revocation is missing, in milliseconds. */
  maxStalenessMs: number;
  /** Puts a span around each question that a request waits for. */
  trace: Trace;
};

/** A verifier's store: the authorities of its deployment. Nothing is asked before somebody follows the revocations. */
export type Upstream = Environment["store"] & {
  revocations: Pick<RevocationStore, "follow">;
  recogniseOwn: RecogniseOwn;
  forwarding: Forwarding;
  reportSignals: ReportSignals;
  /** Each throws AssayError `keys_unavailable` before the deployment has been joined. */
  keys: SharedKeys;
  /** Undefined before. */
  joined: () => Omit<Joined, "keys"> | undefined;
  /**
   * @param isCurrent whether the authority is to ask its store for them first
   * @returns the text of a JWK Set, and for how long it may be cached. @throws AssayError `store_unavailable`, `keys_unavailable`
   */
  fetchKeys: (isCurrent: boolean) => Promise<{ jwks: string; cacheableForMs: number }>;
  /** Undefined when one is joined and its time agrees with ours, else a sentence. */
  problem(): string | undefined;
  /** Call it after the following has stopped. */
  close(): void;
};

const MEASURE_MS = 1_000;

export function openUpstream(options: UpstreamOptions): Upstream {
  const { maxStalenessMs, timeoutMs } = options;
  const joining = joinAuthorities(options);
  const forRequests = traced(joining, options.trace);
  const clock = startServerClock(async () => {
    const answer = await joining.ask(AuthorityServiceService.sync, { at_least_as_fresh: "" }, { isRepeatable: false });
    return answer.store_time_ms;
  });
  // What goes wrong with it is said by the stream, which falls silent too.
  const measuring = setInterval(() => void clock.measure().catch(() => undefined), MEASURE_MS).unref();

  return {
    clock,
    replays: replaysAtAuthority(forRequests),
    // No request waits for them.
    networks: networksAtAuthority(joining),
    revocations: {
      follow: (follower) => followAuthority({ authorities: joining, clock, maxStalenessMs, timeoutMs }, follower),
    },
    recogniseOwn: recogniseAtAuthority(forRequests),
    forwarding: forwardToAuthority(forRequests),
    // No request waits for it.
    reportSignals: reportToAuthority(joining),
    keys: asGetters(() => joining.joined()?.keys),
    joined: () => joining.joined(),
    fetchKeys: async (isCurrent) => {
      const asked = joining.ask(TokenServiceService.getJwks, { current: isCurrent }, { isRepeatable: true });
      const { jwks, cacheable_for: cacheableFor } = await asked.catch((error: unknown) => {
        throw asUnavailable(error);
      });
      return { jwks, cacheableForMs: (cacheableFor?.seconds ?? 0) * 1_000 };
    },
    problem: () => joining.problem() ?? clockProblem(clock.disagreement()),
    close: () => clearInterval(measuring),
  };
}

function traced(joining: Authorities, trace: Trace): Pick<Authorities, "ask"> {
  return {
    ask: (method, request, terms) =>
      trace(`assay.authority.${nameOf(method.path)}`, {}, () => joining.ask(method, request, terms)),
  };
}

/** `/assay.v1.AuthorityService/RememberProof` as `remember_proof`. */
function nameOf(path: string): string {
  const method = path.slice(path.lastIndexOf("/") + 1);
  return method.replaceAll(/(?!^)([A-Z])/g, "_$1").toLowerCase();
}

/** They may be handed on before they are known. */
function asGetters(keys: () => SharedKeys | undefined): SharedKeys {
  const known = (): SharedKeys => {
    const found = keys();
    if (found !== undefined) return found;
    throw new AssayError("keys_unavailable", "this verifier has not joined its deployment yet; retry");
  };
  return {
    get selector() {
      return known().selector;
    },
    get fingerprint() {
      return known().fingerprint;
    },
    get nonce() {
      return known().nonce;
    },
  };
}

function clockProblem(disagreement: string | undefined): string | undefined {
  if (disagreement === undefined) return undefined;
  return `The clocks disagree: ${disagreement}. Tokens cannot be judged: set the clocks right (NTP).`;
}

import { setTimeout as sleep } from "node:timers/promises";
import { type Call, unlessGone } from "../../core/call.ts";
import type { AuthorityAddress, AuthoritySettings } from "./authority-settings.ts";
import { formatAddress } from "./authority-settings.ts";
import { type AuthorityChannel, type Method, openChannel } from "./authority-channel.ts";
import { join, type Joined } from "./join.ts";
import { isUnreachable, storeUnavailable, whyUseless } from "./upstream-error.ts";

export type AuthoritiesOptions = AuthoritySettings & {
  /** Asked in this order; at least one. */
  addresses: readonly AuthorityAddress[];
  /** The `iss` of the deployment's own tokens. */
  issuer: string;
  /** How long one call may take in all, in milliseconds. */
  timeoutMs: number;
  log(event: UpstreamEvent): void;
};

export type UpstreamEvent = { level: "info" | "warn"; event: string; authority: string; message: string };

export type AskTerms = {
  call?: Call | undefined;
  /** Asked again at another authority where the first could not be reached, which may have heard it all the same. */
  isRepeatable: boolean;
  /** As `performance.now` says it; absent: `timeoutMs` from now. */
  until?: number;
  headers?: Readonly<Record<string, string>>;
};

/**
 * Serves from one authority until that is over, or the signal says stop. `useful` is called when it has proved to be of use.
 * @throws Error that says why it is over
 */
export type Serve = (channel: AuthorityChannel, stopped: AbortSignal, useful: () => void) => Promise<void>;

/** Several authorities of one deployment, of which one is joined at a time. */
export type Authorities = {
  /**
   * Asks the one that is joined, or the next that is. A dead one costs `timeoutMs` at most.
   * @throws ServiceError as grpc-js makes it; AssayError `store_unavailable` where none was joined in time, `call_gone`
   */
  ask<Request, Response>(method: Method<Request, Response>, request: Request, terms: AskTerms): Promise<Response>;
  /** Of the deployment that was joined first. Undefined before. */
  joined(): Joined | undefined;
  /** Why none is of use now, as a sentence. */
  problem(): string | undefined;
  /** Joins one after the other, each for as long as it serves, until stopped. */
  start(serve: Serve): void;
  stop(): Promise<void>;
};

const SILENT = "it does not prove any more that no revocation is missing";
const FIRST_PAUSE_MS = 20;
const GREATEST_PAUSE_MS = 1_000;

export function authorities(options: AuthoritiesOptions): Authorities {
  const stopping = new AbortController();
  const waiting = new Set<(channel: AuthorityChannel) => void>();
  let current: AuthorityChannel | undefined;
  let joined: Joined | undefined;
  /** Why each is of no use, of those that were tried and are not. */
  const problems = new Map<string, string>();
  let isServing = false;
  let running = Promise.resolve();

  function problem(): string | undefined {
    if (isServing) return undefined;
    const sentences = options.addresses.map((address) => problems.get(formatAddress(address)));
    return sentences.filter((sentence) => sentence !== undefined).join(" ") || "No authority has been joined yet.";
  }

  async function attempt(address: AuthorityAddress, serve: Serve, useful: () => void): Promise<void> {
    const { issuer, timeoutMs } = options;
    const opened = await openChannel(address, options);
    try {
      joined = await join(opened, { issuer, timeoutMs, before: joined });
      current = opened;
      for (const take of waiting) take(opened);
      await serve(opened, stopping.signal, useful);
    } finally {
      current = undefined;
      opened.close();
    }
  }

  /** @returns whether it was of use */
  async function tried(address: AuthorityAddress, serve: Serve): Promise<boolean> {
    const authority = formatAddress(address);
    let isOfUse = false;
    const useful = (): void => {
      if (isOfUse) return;
      isOfUse = true;
      isServing = true;
      problems.delete(authority);
      options.log({ level: "info", event: "authority_joined", authority, message: "following an authority" });
    };
    const why = await attempt(address, serve, useful).then(
      () => new Error(SILENT),
      (error: unknown) => error,
    );
    isServing = false;
    if (stopping.signal.aborted) return isOfUse;
    const message = whyUseless(authority, why);
    // One that was of use may be back at once: a connection ages, an instance is renewed.
    const level = isOfUse ? "info" : "warn";
    if (message !== problems.get(authority)) options.log({ level, event: "authority_left", authority, message });
    problems.set(authority, message);
    return isOfUse;
  }

  async function run(serve: Serve): Promise<void> {
    let failures = 0;
    for (let turn = 0; !stopping.signal.aborted; turn++) {
      const address = options.addresses[turn % options.addresses.length];
      if (address === undefined) return;
      const began = performance.now();
      const isOfUse = await tried(address, serve);
      // One that hangs up as soon as it has proved something is not asked the oftener for it.
      failures = isOfUse && performance.now() - began > GREATEST_PAUSE_MS ? 0 : failures + 1;
      await sleep(pauseMs(failures, options.addresses.length), undefined, { signal: stopping.signal }).catch(
        () => undefined,
      );
    }
  }

  /** One other than `not`. */
  function channel(until: number, not: AuthorityChannel | undefined): Promise<AuthorityChannel> {
    if (current !== undefined && current !== not) return Promise.resolve(current);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(take);
        reject(storeUnavailable(problem() ?? "no authority is joined"));
      }, until - performance.now());
      const take = (found: AuthorityChannel): void => {
        waiting.delete(take);
        clearTimeout(timer);
        resolve(found);
      };
      waiting.add(take);
    });
  }

  return {
    async ask(method, request, terms) {
      const { call, isRepeatable, headers = {}, until = performance.now() + options.timeoutMs } = terms;
      let failed: AuthorityChannel | undefined;
      for (;;) {
        const asked = await unlessGone(call, () => channel(until, failed));
        try {
          return await asked.ask(method, request, { timeoutMs: until - performance.now(), call, headers });
        } catch (error) {
          if (!isRepeatable || !isUnreachable(error)) throw error;
          failed = asked;
        }
      }
    },
    joined: () => joined,
    problem,
    start(serve) {
      running = run(serve);
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** None before each has been asked once; then longer each round. Never the same for two verifiers. */
function pauseMs(failures: number, count: number): number {
  const rounds = Math.floor(failures / count);
  const greatest = rounds === 0 ? FIRST_PAUSE_MS : Math.min(GREATEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** rounds);
  return greatest * (0.5 + 0.5 * Math.random());
}

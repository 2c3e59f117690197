import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import type { Nodes } from "./nodes.ts";
import { oneBatchAtATime } from "./one-batch-at-a-time.ts";
import { messageOf, storeError, storeUnavailable } from "./redis-error.ts";
import { placeFrom } from "./redis-url.ts";
import { SCRIPTS } from "./scripts.ts";
import { type Reply, sendTogether, type ToSend } from "./send-together.ts";

/** A script as `scripts.ts` declares it. With `Buffer` at its end the reply's strings are buffers. */
export type ScriptCall = Extract<keyof Redis, `assay${string}`>;

export type RunScript = <Name extends ScriptCall>(
  script: Name,
  ...parameters: Parameters<Redis[Name]>
) => Promise<unknown>;

export type RunOptions = {
  timeoutMs: number;
  /** How many replicas must have it, for WAIT. 0: none is asked. */
  replicas: number;
};

type Run = {
  lua: string;
  sha: string;
  keys: number;
  parameters: readonly (Buffer | number | string)[];
  wantsBuffers: boolean;
  /** The server forgets scripts: then it gets the source, which ioredis would send after the WAIT. */
  bySource: boolean;
  /** The slot is on its way, and this key has arrived already. */
  asking: boolean;
  redirections: number;
  /** By `performance.now`: nobody waits for it later. */
  deadline: number;
  settled: boolean;
  /** Takes it out of what waits to be sent. */
  leave: (() => void) | undefined;
  resolve(reply: unknown): void;
  reject(error: Error): void;
};

const GREATEST_REDIRECTIONS = 8;
/** While a slot's keys are on their way, some here and some there. */
const TRY_AGAIN_MS = 20;
/** WAIT answers before we give it up, so that its count is known. */
const WAIT_SHARE = 0.8;

type Source = Pick<Run, "keys" | "lua" | "sha" | "wantsBuffers">;

/** By the name of the call. */
const sources = new Map(
  Object.entries(SCRIPTS).flatMap(([name, { lua, numberOfKeys: keys }]): [string, Source][] => {
    const source = { lua, keys, sha: sha1(lua) };
    return [
      [name, { ...source, wantsBuffers: false }],
      [`${name}Buffer`, { ...source, wantsBuffers: true }],
    ];
  }),
);

/**
 * Runs scripts, one pipeline at a time to each node, with one WAIT behind it: what is asked until that has answered goes with the next. Sent
 * again is only what a server refused to do: redirected, in need of the script's source, or of a slot that is on its way. What nobody
 * waits for any more is not sent.
 */
export function scriptRunner(nodes: Nodes, { timeoutMs, replicas }: RunOptions): RunScript {
  const batches = oneBatchAtATime(send);

  function enqueue(run: Run, node: Redis): void {
    if (run.settled) {
      return;
    }
    run.leave = batches.add(node, run);
    if (run.leave === undefined) {
      run.reject(storeUnavailable("too much waits for the store already"));
    }
  }

  async function send(node: Redis, batch: readonly Run[]): Promise<void> {
    const left = Math.max(...batch.map(({ deadline }) => deadline)) - performance.now();
    const wait = { name: "WAIT", parameters: [replicas, Math.max(1, Math.ceil(left * WAIT_SHARE))] };
    const replies = await sendTogether(node, [...batch.flatMap(commandsOf), ...(replicas > 0 ? [wait] : [])]);
    const shortfall = replicas > 0 ? shortfallOf(replies.at(-1), replicas) : undefined;
    let place = 0;
    for (const run of batch) {
      place += run.asking ? 1 : 0;
      const [error, reply] = replies[place++] ?? [new Error("there was no reply")];
      if (error) {
        refused(run, node, error);
      } else if (shortfall === undefined) {
        run.resolve(reply);
      } else {
        run.reject(storeUnavailable(shortfall));
      }
    }
  }

  function refused(run: Run, node: Redis, error: Error): void {
    const [code = "", , place = ""] = messageOf(error).split(" ");
    if (run.settled || run.redirections >= GREATEST_REDIRECTIONS) {
      run.reject(storeError(error));
    } else if (code === "NOSCRIPT" && !run.bySource) {
      run.bySource = true;
      enqueue(run, node);
    } else if (code === "TRYAGAIN") {
      setTimeout(() => enqueue(run, node), TRY_AGAIN_MS);
    } else if (code === "MOVED" || code === "ASK") {
      redirect(run, node, { isAsk: code === "ASK", place, error });
    } else {
      run.reject(storeError(error));
    }
  }

  function redirect(run: Run, from: Redis, to: { isAsk: boolean; place: string; error: Error }): void {
    const { host, port } = placeFrom(to.place);
    // No host: the one that answered, at another port.
    const target = nodes.at({ host: host === "" ? (from.options.host ?? "") : host, port });
    if (target === undefined) {
      run.reject(storeError(to.error));
      return;
    }
    run.redirections += 1;
    run.asking = to.isAsk;
    if (!to.isAsk) {
      nodes.refresh();
    }
    enqueue(run, target);
  }

  return (script, ...parameters) =>
    new Promise((resolve, reject) => {
      const [key] = parameters;
      const node = nodes.holderOf(key);
      if (node === undefined) {
        reject(storeUnavailable("no node is known that holds the key"));
        return;
      }
      const timer = setTimeout(() => run.reject(storeUnavailable("Command timed out")), timeoutMs);
      const run: Run = {
        ...scriptOf(script),
        parameters,
        bySource: false,
        asking: false,
        redirections: 0,
        deadline: performance.now() + timeoutMs,
        settled: false,
        leave: undefined,
        resolve: (reply) => settle(() => resolve(reply)),
        reject: (error) => settle(() => reject(error)),
      };
      function settle(how: () => void): void {
        run.settled = true;
        run.leave?.();
        clearTimeout(timer);
        how();
      }
      enqueue(run, node);
    });
}

function commandsOf({ asking, bySource, lua, sha, keys, parameters, wantsBuffers }: Run): ToSend[] {
  const [name, script] = bySource ? ["EVAL", lua] : ["EVALSHA", sha];
  const command = { name, parameters: [script, keys, ...parameters], wantsBuffers };
  return asking ? [{ name: "ASKING", parameters: [] }, command] : [command];
}

/** @returns why what was sent before a WAIT may be lost with its primary. */
function shortfallOf(reply: Reply | undefined, replicas: number): string | undefined {
  const [error, count] = reply ?? [];
  if (error || typeof count !== "number") {
    return `WAIT did not answer (${messageOf(error ?? "there was no reply")})`;
  }
  return count >= replicas ? undefined : `${count} of ${replicas} replicas have it`;
}

function scriptOf(call: ScriptCall): Source {
  const source = sources.get(call);
  if (source === undefined) throw new Error(`there is no script ${call}`);
  return source;
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

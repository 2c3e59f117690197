/** What the first process and its workers say to each other, over the channel that Node opens between them. */
import { z } from "zod";
import { readSignal } from "../core/signals/read-signal.ts";
import type { Signal } from "../core/signals/signal.ts";
import { toldMetrics } from "./told-metrics.ts";

/** Matches a question with its answer, where it was asked. */
const id = z.int().min(0);
/** A revision of the revocation log. */
const revision = z.string().max(1_024);
/** A configuration as it was written, to be validated by whoever uses it. */
const configuration = z.unknown();
/** Of one message. */
export const MOST_SIGNALS = 100;
const signals = z.array(z.custom<Signal>((value) => readSignal(value) !== undefined)).max(MOST_SIGNALS);

const messageToWorker = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("begin"),
    /** From 1. A worker that replaces another has its number. */
    number: z.int().min(1),
    /** How long the others may take to reach a revision, in milliseconds. */
    reachMs: z.number().min(0),
    /** What the first process was started with. */
    started: configuration,
    /** What has been taken over since. */
    taken: configuration,
    /** The configuration's file. */
    source: z.string().optional(),
    /** Where the first process has taken another, for a socket file that it makes. */
    umask: z.int().optional(),
  }),
  /** The answer to `join`. */
  z.strictObject({ kind: z.literal("joined") }),
  z.strictObject({ kind: z.literal("reload") }),
  z.strictObject({ kind: z.literal("stop"), hurry: z.boolean() }),
  /** To be answered with `reached` once the revision has been, and not at all otherwise. */
  z.strictObject({ kind: z.literal("reach"), id, revision }),
  /** All others have: the answer to the worker's own `reach`. */
  z.strictObject({ kind: z.literal("reached"), id }),
  /** To be answered with `pong`. */
  z.strictObject({ kind: z.literal("ping") }),
  /** To be answered in kind. */
  z.strictObject({ kind: z.literal("metrics"), id }),
  /** To who follows them: those that there were, then those that others find. */
  z.strictObject({ kind: z.literal("signals"), signals, arePast: z.boolean() }),
  /** The answer to `gather`: what each worker that serves has told, nothing of one that did not in time. */
  z.strictObject({
    kind: z.literal("gathered"),
    id,
    told: z.array(z.strictObject({ worker: z.int().min(1), metrics: toldMetrics.optional() })),
  }),
]);

const messageFromWorker = z.discriminatedUnion("kind", [
  /** From the answer on, it is asked to reach what others have written. */
  z.strictObject({ kind: z.literal("join") }),
  /** It takes no calls any more. */
  z.strictObject({ kind: z.literal("leave") }),
  z.strictObject({ kind: z.literal("serving"), address: z.string().max(4_096), problem: z.string().optional() }),
  /** It cannot start; it ends next. */
  z.strictObject({ kind: z.literal("failed"), sentence: z.string() }),
  z.strictObject({ kind: z.literal("took-over"), taken: configuration }),
  z.strictObject({ kind: z.literal("reach"), id, revision }),
  z.strictObject({ kind: z.literal("reached"), id }),
  z.strictObject({ kind: z.literal("pong") }),
  z.strictObject({ kind: z.literal("metrics"), id, metrics: toldMetrics }),
  z.strictObject({ kind: z.literal("follow-signals") }),
  /** It has found them; or `areHeard`: it has them from the store, which tells the others too. */
  z.strictObject({ kind: z.literal("signals"), signals, areHeard: z.boolean() }),
  /** To be answered with `gathered`. */
  z.strictObject({ kind: z.literal("gather"), id }),
]);

export type ToWorker = z.infer<typeof messageToWorker>;
export type FromWorker = z.infer<typeof messageFromWorker>;

/** Undefined for what is none. */
export function readToWorker(value: unknown): ToWorker | undefined {
  return messageToWorker.safeParse(value).data;
}

/** Undefined for what is none. */
export function readFromWorker(value: unknown): FromWorker | undefined {
  return messageFromWorker.safeParse(value).data;
}

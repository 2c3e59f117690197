/** Asks the processes again and again, and tells browsers what is new: their figures, and signals as they come. */
import type { Signal } from "../core/signals/signal.ts";
import type { EventStreams } from "./event-stream.ts";
import { figures } from "./pages/figures.ts";
import { instances } from "./pages/instances.ts";
import { signalItem } from "./pages/signals.ts";
import type { Ask, Shown, Told } from "./shown.ts";
import { type Sample, traffic } from "./traffic.ts";
import { EXPLANATIONS } from "../core/signals/explanations.ts";

export type KeptTold = {
  /** What the processes told last. Undefined where nothing is counted, or before the first time. */
  last(): readonly Told[] | undefined;
  samples(): readonly Sample[];
  stop(): void;
};

export const STEP_MS = 2_000;

type Options = { ask: Ask | undefined; log: Readonly<Record<"warn", (fields: object, message: string) => void>> };

export function keepTold({ ask, log }: Options, streams: EventStreams, shown: () => Shown): KeptTold {
  const kept = traffic();
  let last: readonly Told[] | undefined;
  let asking: Promise<void> | undefined;

  async function tick(question: Ask): Promise<void> {
    try {
      last = await question();
    } catch (error) {
      log.warn({ err: error }, "the console could not collect metrics");
      return;
    }
    const sample = kept.take(last, Date.now());
    if (!streams.isWatched()) return;
    const { environment } = shown();
    const parts = {
      figures: String(figures(kept.samples(), last, environment)),
      instances: String(instances(last, environment)),
    };
    streams.tell({ name: "tick", data: { sample, parts } });
  }

  const askAgain = (): void => {
    if (ask === undefined) return;
    asking ??= tick(ask).finally(() => {
      asking = undefined;
    });
  };
  askAgain();
  const timer = setInterval(askAgain, STEP_MS).unref();
  const unfollow = shown().environment.signalFeed.follow((signal) => streams.tell(told(signal)));
  return {
    last: () => last,
    samples: () => kept.samples(),
    stop() {
      clearInterval(timer);
      unfollow();
    },
  };
}

function told(signal: Signal) {
  const { id, kind, severity } = signal;
  const data = { id, severity, title: EXPLANATIONS[kind].title, item: String(signalItem(signal)) };
  return { name: "signal" as const, data };
}

/** Asks the processes again and again, and tells browsers what is new: their figures, and signals as they come. */
import { EXPLANATIONS } from "../core/signals/explanations.ts";
import type { EventStreams, ServerEvent } from "./event-stream.ts";
import { figures } from "./pages/figures.ts";
import { instances } from "./pages/instances.ts";
import { signalItem } from "./pages/signals.ts";
import type { Ask, Shown, Told } from "./shown.ts";
import { type SignalGroup, signalGroups } from "./signal-groups.ts";
import { type Sample, traffic } from "./traffic.ts";

export type KeptTold = {
  /** What the processes told last. Undefined where nothing is counted, or before the first time. */
  last(): readonly Told[] | undefined;
  samples(): readonly Sample[];
  groups(): readonly SignalGroup[];
  /** With what who begins to watch now begins: a page may be older by what came since it was made, or since its connection was lost. */
  hello(): ServerEvent;
  stop(): void;
};

const STEP_MS = 2_000;
/** Signals of so long are told together: a flood of them costs no more. */
const GATHER_MS = 200;

type Options = { ask: Ask | undefined; log: Readonly<Record<"warn", (fields: object, message: string) => void>> };

export function keepTold({ ask, log }: Options, streams: EventStreams, shown: () => Shown): KeptTold {
  const kept = traffic();
  let last: readonly Told[] | undefined;
  const signals = keepSignals(streams, shown().environment);

  async function tick(question: Ask): Promise<void> {
    try {
      last = await question();
    } catch (error) {
      log.warn({ err: error }, "the console could not collect metrics");
      return;
    }
    const sample = kept.take(last, Date.now());
    tellTick(sample);
  }

  function tellTick(sample: Sample | undefined): void {
    if (!streams.isWatched()) return;
    const { environment } = shown();
    const parts = {
      figures: String(figures(kept.samples(), last, environment, signals.groups())),
      instances: String(instances(last, environment)),
    };
    streams.tell({ name: "tick", data: { sample, parts } });
  }

  let asking: Promise<void> | undefined;
  const askAgain = (): void => {
    if (ask === undefined) return tellTick(undefined);
    asking ??= tick(ask).finally(() => {
      asking = undefined;
    });
  };
  askAgain();
  const timer = setInterval(askAgain, STEP_MS).unref();
  return {
    last: () => last,
    samples: () => kept.samples(),
    groups: signals.groups,
    hello: () => ({
      name: "hello",
      data: { samples: kept.samples(), signals: signals.groups().toReversed().map(toldOf) },
    }),
    stop() {
      clearInterval(timer);
      signals.stop();
    },
  };
}

function keepSignals(streams: EventStreams, { signalFeed }: Shown["environment"]) {
  const groups = signalGroups();
  for (const signal of signalFeed.recent()) groups.add(signal);
  const untold = new Map<string, SignalGroup>();
  let telling: NodeJS.Timeout | undefined;

  const tell = (): void => {
    telling = undefined;
    for (const group of untold.values()) streams.tell({ name: "signal", data: toldOf(group) });
    untold.clear();
  };
  const unfollow = signalFeed.follow((signal) => {
    const group = groups.add(signal);
    if (!streams.isWatched()) return;
    untold.set(group.key, group);
    telling ??= setTimeout(tell, GATHER_MS);
  });
  return {
    groups: () => groups.all(),
    stop() {
      unfollow();
      clearTimeout(telling);
    },
  };
}

function toldOf(group: SignalGroup) {
  const { kind, severity } = group.latest;
  return { key: group.key, severity, title: EXPLANATIONS[kind].title, item: String(signalItem(group)) };
}

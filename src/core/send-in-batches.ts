export type Sending<Item> = {
  /** Never throws, and never waits: what comes while too much waits is lost. */
  put: (item: Item) => void;
  /** Sends what waits, as far as that succeeds at once. What does not is lost. */
  close(): Promise<void>;
};

export type SendingOptions<Item> = {
  /** At most 100. @returns how many of them were lost. @throws where they may be sent again */
  send: (batch: readonly Item[]) => Promise<number>;
  /** Of what was not sent. */
  lost: (count: number) => void;
  /** Between two batches, in milliseconds: so that what comes in floods holds up nothing else. */
  pauseMs: number;
};

const MOST_WAITING = 1_000;
const GREATEST_BATCH = 100;
const FIRST_BACK_OFF_MS = 100;
const GREATEST_BACK_OFF_MS = 5_000;

/** One batch at a time, in the order in which it came; what fails is sent again, after longer and longer. */
export function sendInBatches<Item>({ send, lost, pauseMs }: SendingOptions<Item>): Sending<Item> {
  const waiting: Item[] = [];
  let isClosing = false;
  let pauseNoMore: (() => void) | undefined;
  let running: Promise<void> | undefined;

  async function sendNext(): Promise<boolean> {
    const batch = waiting.slice(0, GREATEST_BATCH);
    try {
      const missing = await send(batch);
      waiting.splice(0, batch.length);
      if (missing > 0) lost(missing);
      return true;
    } catch {
      return false;
    }
  }

  async function run(): Promise<void> {
    let backOffMs = FIRST_BACK_OFF_MS;
    while (waiting.length > 0) {
      const isSent = await sendNext();
      if (isClosing && !isSent) break;
      if (isClosing) continue;
      await pause(isSent ? pauseMs : backOffMs * (0.5 + Math.random() / 2));
      backOffMs = isSent ? FIRST_BACK_OFF_MS : Math.min(backOffMs * 2, GREATEST_BACK_OFF_MS);
    }
    running = undefined;
  }

  async function pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms).unref();
    pauseNoMore = resolve;
    await promise;
    clearTimeout(timer);
  }

  return {
    put(item) {
      if (isClosing || waiting.length >= MOST_WAITING) return lost(1);
      waiting.push(item);
      running ??= run();
    },
    async close() {
      isClosing = true;
      pauseNoMore?.();
      await running;
      if (waiting.length > 0) lost(waiting.length);
      waiting.length = 0;
    },
  };
}

/** A fault that closes a deployment, is noticed, and ends: under load, again and again. */
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../support/until.ts";
import type { Violation } from "./check-history.ts";
import { everyCall } from "./every-call.ts";
import type { History, Recorded } from "./history.ts";
import type { Instance } from "./instance.ts";
import { quantiles } from "./quantiles.ts";
import { recordedCalls } from "./recorded-calls.ts";
import { acknowledged, type ScenarioOptions, underLoad, type Verdict } from "./scenario.ts";
import { worksAgain } from "./settle.ts";

export type Fault = {
  instances: readonly Instance[];
  /** What the affected do not answer any more while it lasts: any introspection, or only that a revocation was made. */
  closes: "introspect" | "revoke" | "nothing";
  /** All of them by default. */
  affected?: readonly Instance[];
  /** What each of the affected says in its log, every time. */
  alarm: RegExp;
  inject: (cycle: number) => Promise<void>;
  mend: () => Promise<void>;
  /** What was minted may be lost. */
  mayLoseTokens?: boolean;
  /** How long the calls meet the closed doors, in milliseconds. */
  lastsMs?: number;
};

/** Acknowledged between two faults, at least. */
const PROGRESS = 3;
const WITHIN_MS = 20_000;
const LASTS_MS = 500;
/** Ten times what an answer may take: who asks so long before the end has been answered by then, however busy the machine is. */
const ANSWERED_WITHIN_MS = 2_500;

export async function sufferFault({ cycles, seed, clients, say }: ScenarioOptions, fault: Fault): Promise<Verdict> {
  const { instances, affected = instances, mayLoseTokens = false } = fault;
  const spans: Span[] = [];
  const verdict = await underLoad({ instances, seed, clients, mayLoseTokens }, async (history) => {
    const times: Times = { closed: [], recovered: [], spans };
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      const before = acknowledged(history);
      const enough = (): true | undefined => (acknowledged(history) >= before + PROGRESS ? true : undefined);
      await until(`${PROGRESS} more revocations are acknowledged`, enough, WITHIN_MS);
      await sufferOnce(fault, affected, cycle, history, times);
      say(`${cycle + 1} of ${cycles}, ${acknowledged(history)} revocations acknowledged`);
    }
    return {
      faults: cycles,
      ...quantiles("closed_after_ms", times.closed),
      ...quantiles("recovered_after_ms", times.recovered),
    };
  });
  const met = spans.map((span) => ({ span, calls: within(span, verdict.history) }));
  const answers = met.flatMap(({ calls }) => calls.map(({ begun, ended }) => ended - begun));
  return {
    ...verdict,
    figures: { ...verdict.figures, ...quantiles("answer_ms_meanwhile", answers) },
    violations: [...verdict.violations, ...met.flatMap(({ span, calls }) => unanswered(span, calls))],
  };
}

/** When a fault began and ended: milliseconds of the history's clock. */
type Span = { begun: number; over: number };
type Times = { closed: number[]; recovered: number[]; spans: Span[] };

async function sufferOnce(
  { instances, closes, alarm, inject, mend, lastsMs = LASTS_MS }: Fault,
  affected: readonly Instance[],
  cycle: number,
  history: History,
  times: Times,
): Promise<void> {
  const ask = closes === "nothing" ? undefined : await everyCall(affected, history);
  const lines = new Map(affected.map((one) => [one, one.log().length]));
  const alarmed = async (one: Instance): Promise<void> => {
    const isSaid = (): true | undefined => (alarm.test(one.log().slice(lines.get(one))) ? true : undefined);
    await until(`${one.name} has said ${alarm} in its log`, isSaid, WITHIN_MS);
  };
  const [token = "none"] = history.given;
  const begun = performance.now();
  await inject(cycle);
  if (closes !== "nothing") {
    // Said first: one call may fail for any reason, on a machine that is busy.
    await Promise.all(affected.map(alarmed));
    await Promise.all(affected.map((at) => closed(at, closes, token, history)));
    times.closed.push(performance.now() - begun);
    await Promise.all([ask?.(), sleep(lastsMs)]);
  }
  const over = performance.now();
  await mend();
  await worksAgain(instances, token, history);
  times.recovered.push(performance.now() - over);
  await Promise.all(affected.map(alarmed));
  times.spans.push({ begun, over });
}

function within({ begun, over }: Span, { records }: History): Recorded[] {
  return records.filter((record) => record.begun >= begun && record.begun <= over);
}

function unanswered({ over }: Span, calls: readonly Recorded[]): Violation[] {
  const late = calls.filter(
    ({ begun, ended, because }) =>
      begun <= over - ANSWERED_WITHIN_MS && (ended >= over || because?.startsWith("DEADLINE_EXCEEDED") === true),
  );
  return late.map((call) => ({
    rule: "unanswered while closed",
    what: `${call.at} did not answer ${call.call} before the fault was over`,
    calls: [call],
  }));
}

async function closed(at: Instance, what: "introspect" | "revoke", token: string, history: History): Promise<void> {
  const calls = recordedCalls(history, "prober");
  let subject = 0;
  await until(
    `${at.name} answers no ${what} any more`,
    async () => {
      subject += 1;
      const { outcome } =
        what === "introspect"
          ? await calls.introspect(at, token)
          : // Anew each time: what is held already is acknowledged without being written.
            await calls.revoke(at, { by: "subject", subject: `nobody-${performance.now()}-${subject}` });
      return outcome === "ok" ? undefined : true;
    },
    WITHIN_MS,
  );
}

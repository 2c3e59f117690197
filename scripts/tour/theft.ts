import { once } from "node:events";
import { createInterface } from "node:readline";
import { styleText } from "node:util";
import { z } from "zod";
import { until } from "../../test/support/until.ts";
import type { Collector, Received } from "./collector.ts";
import type { Serve } from "./processes.ts";
import { type Answer, AUDIENCE, isActive, isInactive, refresh, runStep, type Step, textOf } from "./steps.ts";
import type { SignalWatch, ToldSignal } from "./watch-signals.ts";

/** Where the theft takes place, and what listens. */
export type Scene = {
  server: Serve;
  collector: Collector;
  watch: SignalWatch;
  /** Waits for Enter before and after. */
  mayStay: boolean;
};

/** How a signal reached whom. Times are milliseconds since the epoch. */
type Told = { signal: ToldSignal; event: Received; death: Received; shownAt: number };

/** A refresh token is stolen and used; its owner comes back. @throws Error where Assay does not notice, or does not end it */
export async function theft(scene: Scene): Promise<void> {
  const { server, mayStay } = scene;
  const run = (step: Step) => runStep(step, server);
  introduce(scene);
  if (mayStay) await enter("Open the console in a browser, then press Enter here to begin.");

  const alice = await signIn(run);
  const family = await fingerprintOf(run, textOf(alice, "sid"));
  const thief = await steal(run, textOf(alice, "refresh_token"));

  const [seen] = await Promise.all([seenIn(scene, family), comeBack(run, textOf(alice, "refresh_token"))]);
  tell(seen, server);
  await prove(run, alice, thief);

  if (!mayStay) return;
  console.log(`\nIn the console, "Look up" finds the dead family by its sid: ${textOf(alice, "sid")}`);
  await enter(`It stays at ${server.console}. Press Enter to end.`);
}

type Run = (step: Step) => Promise<Answer>;

function introduce({ server, collector }: Scene): void {
  console.log(`${styleText("bold", "A theft")}

A refresh token is copied from Alice's laptop, and used. You see what each of them does on the command line, what Assay
answers, and how whoever is on duty hears of it. Besides an Assay of its own there are, on this machine and for this tour:

  a receiver of OpenTelemetry (OTLP)   ${collector.endpoint}
  assay watch --signals                the stream of signals, for programs and terminals
  the console                          ${server.console}`);
}

function signIn(run: Run): Promise<Answer> {
  return run({
    says: "1. Alice signs in",
    because:
      "Her app gets an access token for 15 minutes, and a refresh token that fetches the next. All tokens that come of\n" +
      "this sign-in are one family, named by its sid.",
    args: ["issue", "--client", "dev", "--subject", "alice", "--audience", AUDIENCE, "--scope", "read", "--refresh"],
    expectCode: 0,
  });
}

async function fingerprintOf(run: Run, sid: string): Promise<string> {
  const answer = await run({
    says: "   What the family is called where others read along",
    because:
      "Signals, traces and the audit trail hold no token and no sid. They have a fingerprint, which only Assay can make.",
    args: ["fingerprint", "--sid", sid],
    isLocal: true,
    expectCode: 0,
  });
  return textOf(answer, "family");
}

/** @returns the last that the thief gets */
async function steal(run: Run, stolen: string): Promise<Answer> {
  const first = await run({
    says: "2. A thief, who has copied the refresh token, uses it",
    because: "Nothing is wrong with it: it is genuine, alive, and used for the first time. The thief gets a new pair.",
    args: refresh(stolen),
    expectCode: 0,
  });
  const second = await run({
    says: "   The thief stays in, and refreshes again",
    because:
      "Since that pair was put to use, Alice's token can no longer pass for one whose answer got lost on the way.",
    args: refresh(textOf(first, "refresh_token")),
    expectCode: 0,
  });
  await run({
    says: "3. The thief reads Alice's data: the API asks Assay, and the token is active",
    args: ["introspect", textOf(second, "access_token")],
    expectCode: 0,
    expect: isActive,
  });
  return second;
}

/** As she would with any token whose access token has run out. */
function comeBack(run: Run, token: string): Promise<Answer> {
  return run({
    says: "4. Alice's app is back, and refreshes with its token",
    because:
      "That token was used before: two parties hold it. Assay cannot tell which of them is Alice, so it revokes the\n" +
      "whole family. Her app is told INVALID_GRANT, and nothing more: it asks her to sign in again.",
    args: refresh(token),
    expectCode: 1,
    expect: isInvalidGrant,
  });
}

/** Looks at all places from now on: what is measured is when it was there, not when somebody looked. */
async function seenIn({ server, collector, watch }: Scene, family: string): Promise<Told> {
  const page = new URL(server.console ?? "");
  const signal = await until("assay watch --signals tells of the family", () =>
    watch.told.find((one) => one.severity === "critical" && one.family_fingerprint === family),
  );
  const shownAt = await until("the console shows the family", async () => {
    const text = await (await fetch(page)).text();
    return text.includes(family) ? Date.now() : undefined;
  });
  const received = (what: string, name: string) =>
    until(`the OTLP receiver has ${what}`, () =>
      collector.received.find((one) => one.name === name && familyOf(one) === family),
    );
  const event = await received("the signal", "assay.signal");
  const death = await received("the death of the family", "assay.revocation");
  return { signal, event, death, shownAt };
}

function tell({ signal, event, death, shownAt }: Told, { console: address }: Serve): void {
  const { severity, kind, detail = "" } = signal;
  const rows = [
    [signal.toldAt, "assay watch --signals", `${kind}, ${severity}: family ${signal.family_fingerprint}`],
    [shownAt, "the console", `with what it means and what to do next: ${address}`],
    [
      event.receivedAt,
      "the OTLP receiver",
      `${event.name}, ${String(event.attributes["assay.signal.severity"])}: family ${familyOf(event)}`,
    ],
    [
      death.receivedAt,
      "its audit trail",
      `${death.name} of a ${String(death.attributes["assay.revocation.selector"])}: family ${familyOf(death)}`,
    ],
  ] as const;
  console.log(`
${styleText("bold", "5. Whoever is on duty sees it, wherever they look")}
${styleText(["bold", "red"], severity)}: a refresh token was used again (${detail.replaceAll("_", " ")}), and its family is dead

${rows.map(([time, where, what]) => `  ${after(time, signal)}  ${where.padEnd(22)} ${what}`).join("\n")}

Times are counted from when Assay found it. To the receiver it sends once a second.`);
}

function familyOf({ attributes }: Received): string {
  return String(attributes["assay.family.fingerprint"]);
}

/** Nobody is left in. */
async function prove(run: Run, alice: Answer, thief: Answer): Promise<void> {
  await run({
    says: "6. The family is dead: the thief's access token opens nothing any more",
    args: ["introspect", textOf(thief, "access_token")],
    expectCode: 1,
    expect: isInactive,
  });
  await run({
    says: "   Neither can the thief fetch another",
    args: refresh(textOf(thief, "refresh_token")),
    expectCode: 1,
    expect: isInvalidGrant,
  });
  await run({
    says: "   Alice's own access token is dead, too",
    args: ["introspect", textOf(alice, "access_token")],
    expectCode: 1,
    expect: isInactive,
  });
  const again = await signIn((step) =>
    run({ ...step, says: "7. Alice signs in again", because: "A new family, of which the thief has nothing." }),
  );
  await run({
    says: "   Her new token is active",
    args: ["introspect", textOf(again, "access_token")],
    expectCode: 0,
    expect: isActive,
  });
}

function isInvalidGrant(answer: Answer): boolean {
  return z.object({ error: z.object({ reason: z.literal("INVALID_GRANT") }) }).safeParse(answer).success;
}

function after(time: number, { at_ms: found }: ToldSignal): string {
  return `after ${(Math.max(0, time - found) / 1_000).toFixed(2)} s`;
}

async function enter(invitation: string): Promise<void> {
  console.log(`\n${styleText("bold", invitation)}`);
  const lines = createInterface({ input: process.stdin });
  await Promise.race([once(lines, "line"), once(lines, "close")]);
  lines.close();
  process.stdin.unref();
}

/**
 * What a process costs before it is asked anything: its memory and the time from its start to its first answer, beside a bare echo, both
 * as JavaScript and with the image's settings. `memory` and `start` are a verifier's, the natural sidecar; `…_authority` has SQLite
 * and keys of its own; `…_remembered` has been asked about 10,000 tokens. `difference` is what the bars speak of: 60 MB, 600 ms.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { IntrospectResponse, TokenFormat } from "../../src/gen/assay/v1/token_service.ts";
import { type Api, mintToken, openApi } from "../api.ts";
import type { Effort, Report } from "../effort.ts";
import { medianDifferences } from "../median-differences.ts";
import { medianMeasure } from "../pairs.ts";
import { authorityOf, type Deployment, echoOf, verifierOf } from "../process/deployments.ts";
import { type Life, live, running } from "../process/life.ts";
import { makePackage, type Package } from "../process/package.ts";
import { startProduct } from "../product.ts";
import { inTurns } from "../rotation/in-turns.ts";
import { withSink } from "../surroundings.ts";

type Amounts = { tokens: number; settleMs: number };
type Figure = { name: string; unit: string; of: keyof Life };

const FULL: Amounts = { tokens: 10_000, settleMs: 5_000 };
const SHORT: Amounts = { tokens: 64, settleMs: 100 };
const TRIES = 20;
const PAUSE_MS = 250;
const FIGURES: readonly Figure[] = [
  { name: "memory", unit: "MB", of: "idle" },
  { name: "memory_remembered", unit: "MB", of: "remembered" },
  { name: "start", unit: "ms", of: "start" },
];

export async function runProcessSuite(effort: Effort, report: Report): Promise<void> {
  const parts = await makePackage();
  const directory = await mkdtemp(join(tmpdir(), "assay-bench-"));
  try {
    await withSink(async (telemetry) => {
      const around = { parts, directory, telemetry, effort, report };
      await measureVerifier(around);
      await measureAuthority(around);
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
    await parts.remove();
  }
}

type Around = { parts: Package; directory: string; telemetry: string; effort: Effort; report: Report };

async function measureVerifier({ parts, directory, telemetry, effort, report }: Around): Promise<void> {
  const authority = await startProduct({ telemetry });
  const api = openApi(authority);
  try {
    const tokens = await prepare(api, effort);
    const echo = await echoFor(parts, api, tokens);
    const product = await verifierOf(parts, directory, telemetry, authority);
    await measure({ suffix: "", echo, product, tokens, effort, report });
  } finally {
    api.close();
    await authority.stop();
  }
}

/** Its first life makes its file, its keys, the tokens and the revocations. */
async function measureAuthority({ parts, directory, telemetry, effort, report }: Around): Promise<void> {
  const product = await authorityOf(parts, directory, telemetry);
  const { tokens, echo } = await running(product, async (api) => {
    const minted = await prepare(api, effort);
    return { tokens: minted, echo: await echoFor(parts, api, minted) };
  });
  await measure({ suffix: "_authority", echo, product, tokens, effort, report });
}

type Comparison = {
  suffix: string;
  echo: Deployment;
  product: Deployment;
  tokens: readonly string[];
  effort: Effort;
  report: Report;
};

/** The first pair warms the machine's caches of files, and is not counted. */
async function measure({ suffix, echo, product, tokens, effort, report }: Comparison): Promise<void> {
  const { settleMs } = amountsOf(effort);
  const pairs: { reference: Life; product: Life }[] = [];
  for (let run = 0; run <= effort.runs; run++) {
    const pair = { reference: await live(echo, tokens, settleMs), product: await live(product, tokens, settleMs) };
    if (run > 0) pairs.push(pair);
  }
  for (const { name, unit, of } of FIGURES) {
    const figures = pairs.map((pair) => ({ reference: pair.reference[of], product: pair.product[of] }));
    const named = { suite: "process", measure: nameWith(name, suffix), unit };
    report({ ...medianMeasure(named, figures), ...differenceOf(figures) });
  }
}

function differenceOf(figures: readonly { reference: number; product: number }[]) {
  const series = new Map([
    ["reference", Float64Array.from(figures, ({ reference }) => reference)],
    ["product", Float64Array.from(figures, ({ product }) => product)],
  ]);
  const [found] = medianDifferences(series);
  return found === undefined ? {} : { difference: found.difference, interval: found.interval };
}

/** `memory_authority_remembered` rather than `memory_remembered_authority`. */
function nameWith(name: string, suffix: string): string {
  const [figure = name, ...rest] = name.split("_");
  return [`${figure}${suffix}`, ...rest].join("_");
}

async function echoFor(parts: Package, api: Api, tokens: readonly string[]): Promise<Deployment> {
  return echoOf(parts, IntrospectResponse.toJSON(await api.introspect({ token: tokens[0] ?? "" })));
}

/** Live revocations, and tokens that none of them concerns. */
async function prepare(api: Api, effort: Effort): Promise<string[]> {
  const subjects = Array.from({ length: effort.revocations }, (_, place) => `gone-${place}`);
  await inTurns(subjects, async (sub) => revokeSubject(api, sub));
  const places = Array.from({ length: amountsOf(effort).tokens }, (_, place) => place);
  const tokens: string[] = [];
  await inTurns(places, async () => tokens.push(await mintToken(api, TokenFormat.TOKEN_FORMAT_JWT)));
  return tokens;
}

/** A store that is given so much at once may be too busy for a moment; to repeat a revocation changes nothing. */
async function revokeSubject(api: Api, sub: string): Promise<void> {
  for (let tries = TRIES; ; tries--) {
    try {
      await api.revoke({ selector: { $case: "subject", value: { iss: "", sub } } });
      return;
    } catch (error) {
      if (tries === 0) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

function amountsOf({ isShort }: Effort): Amounts {
  return isShort ? SHORT : FULL;
}

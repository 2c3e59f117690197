import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { IntrospectRequest, TokenFormat } from "../../src/gen/assay/v1/token_service.ts";
import { type Api, mintToken, openApi, pathOf } from "../api.ts";
import { type Caller, http2Side } from "../http2-load.ts";
import { type Measure, measurePairs, type Side } from "../pairs.ts";
import { type Product, startProduct } from "../product.ts";
import { untilReady } from "../until-ready.ts";
import { startVerifier } from "../verifier.ts";
import { type PairedRun, quantileMeasures } from "./quantiles.ts";
import type { Size } from "./propagation.ts";
import type { StorePlace } from "./store.ts";

type Effort = { runs: number; milliseconds: number };
type Report = (measure: Measure) => void;

const CONCURRENCY = 32;
const TOKENS = 512;

/** What an introspection of a remembered token costs a server whose view holds many revocations, beside one whose view holds few. */
export async function measureIntrospection(
  { many, few }: Record<"many" | "few", StorePlace>,
  effort: Effort,
  report: Report,
): Promise<void> {
  const reference = await startProduct({ storeUrl: few });
  const product = await startProduct({ storeUrl: many });
  const options = { suite: "revocation", measure: "introspect_among_many", ...effort };
  try {
    for (const measure of await measurePairs(options, await introspecting(reference), await introspecting(product))) {
      report(measure);
    }
  } finally {
    await Promise.all([reference.stop(), product.stop()]);
  }
}

/**
 * From the sending of a Revoke to one instance until another answers inactive, asked without pause; beside it, until the Revoke is
 * answered. The other is a second authority first, then a verifier of the first.
 */
export async function measureSeenByIntrospect(url: StorePlace, size: Size, report: Report): Promise<void> {
  const masterKey = randomBytes(32).toString("base64url");
  const revoking = await startProduct({ storeUrl: url, masterKey });
  try {
    await measureSeen(
      "propagation_introspect",
      { revoking, start: () => startProduct({ storeUrl: url, masterKey }) },
      size,
      report,
    );
    await measureSeen("propagation_verifier", { revoking, start: () => startVerifier(revoking) }, size, report);
  } finally {
    await revoking.stop();
  }
}

type Other = Pick<Product, "metadata" | "origin" | "stop">;

async function measureSeen(
  measure: string,
  { revoking, start }: { revoking: Product; start: () => Promise<Other> },
  size: Size,
  report: Report,
): Promise<void> {
  const asking = await start();
  const [one, other] = [openApi(revoking), openApi(asking)];
  try {
    await untilReady(one, other);
    const runs: PairedRun[] = [];
    while (runs.length < size.runs) runs.push(await seenRun(one, other, size.samples));
    for (const told of quantileMeasures("revocation", measure, runs)) report(told);
  } finally {
    for (const api of [one, other]) api.close();
    await asking.stop();
  }
}

async function introspecting(product: Product): Promise<Side> {
  const api = openApi(product);
  await untilReady(api);
  const tokens = await Promise.all(Array.from({ length: TOKENS }, () => mintToken(api, TokenFormat.TOKEN_FORMAT_JWT)));
  api.close();
  const messages = tokens.map((token) =>
    Buffer.from(IntrospectRequest.encode(IntrospectRequest.fromPartial({ token })).finish()),
  );
  const callers = Array.from({ length: CONCURRENCY }, (_, offset) => askingInTurn(messages, offset));
  const { pid, origin, metadata } = product;
  return http2Side(pid, { origin, path: pathOf("Introspect"), metadata, callers });
}

function askingInTurn(messages: readonly Buffer[], offset: number): Caller {
  let index = offset;
  return {
    next: () => messages[(index = (index + CONCURRENCY) % messages.length)] ?? Buffer.alloc(0),
    check: (answer) => {
      if (answer.length === 0) throw new Error("a token that is active was answered inactive");
    },
  };
}

async function seenRun(revoking: Api, asking: Api, samples: number): Promise<PairedRun> {
  const run: Record<keyof PairedRun, number[]> = { reference: [], product: [] };
  for (let sample = 0; sample < samples; sample++) {
    const token = await mintToken(revoking, TokenFormat.TOKEN_FORMAT_JWT);
    if (!(await asking.introspect({ token })).active) throw new Error("a new token is inactive");
    const sent = process.hrtime.bigint();
    const revoke = async (): Promise<void> => {
      await revoking.revoke({ selector: { $case: "token", value: token } });
      run.reference.push(Number(process.hrtime.bigint() - sent) / 1_000);
    };
    const ask = async (): Promise<void> => {
      while ((await asking.introspect({ token })).active);
      run.product.push(Number(process.hrtime.bigint() - sent) / 1_000);
    };
    await Promise.all([revoke(), ask()]);
    // Not in step with the proofs.
    await sleep(Math.random() * 5);
  }
  return run;
}

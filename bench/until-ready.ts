import { setTimeout as sleep } from "node:timers/promises";
import { TokenFormat } from "../src/gen/assay/v1/token_service.ts";
import { type Api, mintToken } from "./api.ts";

const READY_MS = 120_000;

/** A server listens before it has read all revocations, and answers UNAVAILABLE meanwhile. */
export async function untilReady(issuing: Api, asking = issuing): Promise<void> {
  const deadline = performance.now() + READY_MS;
  for (;;) {
    try {
      const token = await mintToken(issuing, TokenFormat.TOKEN_FORMAT_JWT);
      await asking.introspect({ token });
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

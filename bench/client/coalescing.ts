import { openClient } from "../../clients/typescript/src/open-client.ts";
import type { Asking } from "./asking.ts";
import { DEADLINE_MS } from "./each-alone.ts";

/** Our client as it comes, without its cache. */
export function coalescing(address: string, secret: string): Asking {
  const client = openClient({ address, credentials: { secret }, deadlineMs: DEADLINE_MS });
  return {
    ask: async (token) => (await client.introspect(token)).active,
    close: () => client.close(),
  };
}

import { IntrospectRequest } from "../../src/gen/assay/v1/token_service.ts";
import { pathOf } from "../api.ts";
import type { Effort, Report } from "../effort.ts";
import { runH2load } from "../h2load.ts";
import { measurePairs, type Side } from "../pairs.ts";
import type { Product } from "../product.ts";
import { startReference } from "../start-reference.ts";

export type SharedTokenOptions = { product: Product; token: string; answer: unknown; effort: Effort; report: Report };

/**
 * One token for all virtual users, by h2load, which sends one body. A mistake that flatters: what a server remembers of one token
 * says nothing of what it remembers of many. Beside `unary_seen_jwt` it shows by how much.
 */
export async function measureSharedToken({
  product,
  token,
  answer,
  effort,
  report,
}: SharedTokenOptions): Promise<void> {
  const body = Buffer.from(IntrospectRequest.encode(IntrospectRequest.fromPartial({ token })).finish());
  const side = ({ pid, origin }: { pid: number; origin: string }): Side => ({
    pid,
    run: (milliseconds) =>
      runH2load({ origin, path: pathOf("Introspect"), metadata: product.metadata, body, milliseconds }),
  });
  const reference = await startReference("echo", { introspect: answer });
  try {
    const options = { suite: "introspect", measure: "unary_seen_jwt_shared", ...effort };
    for (const measure of await measurePairs(options, side(reference), side(product))) report(measure);
  } finally {
    await reference.stop();
  }
}

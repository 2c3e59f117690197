/** What the bench's measures must show: as a ratio of product to reference, or as what the product has more. */
export type Promised = { measure: string; says: string } & (
  | { atMost: number; of: "difference" | "ratio" }
  | { atLeast: number; of: "ratio" }
);

export const PROMISES: readonly Promised[] = [
  cost("unary_seen_jwt", "unary, a JWT seen before", 1.1),
  cost("unary_seen_opaque", "unary, an opaque token seen before", 1.1),
  cost("batch64_seen", "batch of 64, seen before, an item", 1.5),
  cost("stream_seen", "stream, one item a message, seen before", 1.2),
  cost("first_jwt_rs256", "first sight of a JWT, RS256", 1.2),
  cost("first_jwt_es256", "first sight of a JWT, ES256", 1.2),
  cost("first_jwt_eddsa", "first sight of a JWT, EdDSA", 1.2),
  cost("first_opaque_redis", "first sight of an opaque token, Redis", 1.3),
  cost("refresh_redis", "refresh, Redis", 1.5),
  cost("growth", "a million tokens and revocations, beside a thousand", 1.1),
  gain("vs_oidc_provider", "unary, beside node-oidc-provider", 2.8),
  gain("vs_oidc_provider_batch", "batch of 64, beside node-oidc-provider", 15),
  gain("client_coalescing", "256 callers of the TypeScript client, beside grpc-js", 8),
  gain("overload", "answered at three times the capacity, beside at capacity", 0.9),
  { measure: "memory", says: "memory of an idle sidecar, MB more", atMost: 60, of: "difference" },
  { measure: "start", says: "start to first answer, ms more", atMost: 600, of: "difference" },
];

/** Whether a measure shows what is promised of it. */
export function isKept(promised: Promised, { ratio, difference = Number.NaN }: Shown): boolean {
  if ("atLeast" in promised) return ratio >= promised.atLeast;
  return (promised.of === "ratio" ? ratio : difference) <= promised.atMost;
}

type Shown = { ratio: number; difference?: number | undefined };

function cost(measure: string, says: string, atMost: number): Promised {
  return { measure, says, atMost, of: "ratio" };
}

function gain(measure: string, says: string, atLeast: number): Promised {
  return { measure, says, atLeast, of: "ratio" };
}

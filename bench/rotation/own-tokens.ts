import { setTimeout as sleep } from "node:timers/promises";
import type { TokenFormat } from "../../src/gen/assay/v1/token_service.ts";
import { type Api, mintToken } from "../api.ts";
import { CLIENT, SHORT_LIFETIME_S, SHORT_LIVED_CLIENT } from "../product.ts";
import { fateOf } from "./fates.ts";
import { inTurns } from "./in-turns.ts";

/** So many of the product's own tokens. Those that have expired by the end were seen before. */
export async function ownTokens(api: Api, format: TokenFormat, count: number): Promise<string[]> {
  const tokens: string[] = [];
  const places = Array.from({ length: count }, (_, index) => index);
  await inTurns(
    places.filter((index) => fateOf(index) === "expired"),
    async (index) => {
      const token = await mintToken(api, format, SHORT_LIVED_CLIENT);
      await api.introspect({ token });
      tokens[index] = token;
    },
  );
  const expired = sleep((SHORT_LIFETIME_S + 1) * 1_000);
  await inTurns(
    places.filter((index) => fateOf(index) !== "expired"),
    async (index) => {
      tokens[index] = await mintToken(api, format, CLIENT);
    },
  );
  await expired;
  return tokens;
}

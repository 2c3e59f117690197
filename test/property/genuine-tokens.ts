import type { TestCore } from "../support/core-environment.ts";
import { minted, mintedChain } from "../support/core-requests.ts";
import { foreignJwt } from "../support/honest-jwt.ts";
import { FOREIGN_ALGORITHMS, trustForeignAlgorithms } from "./foreign-algorithms.ts";

const OURS = ["a JWT of ours", "an opaque token", "a refresh token", "a foreign JWT"];

/** Every form of token that can be introspected, by name. */
export const GENUINE_FORMS: readonly string[] = [...OURS, ...FOREIGN_ALGORITHMS.map((alg) => `a foreign JWT (${alg})`)];

/** An active token of each form. */
export async function genuineTokens(core: TestCore): Promise<ReadonlyMap<string, string>> {
  const chain = await mintedChain(core);
  const foreign = await trustForeignAlgorithms(core);
  const tokens = [
    (await minted(core)).accessToken.reveal(),
    (await minted(core, { format: "opaque" })).accessToken.reveal(),
    chain.refresh.token.reveal(),
    foreignJwt(core),
    ...foreign,
  ];
  return new Map(GENUINE_FORMS.map((form, index) => [form, tokens[index] ?? ""]));
}

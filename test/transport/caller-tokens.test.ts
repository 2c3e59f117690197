import { expect, test } from "vitest";
import { verifiedTogether, type VerifyCallerToken } from "../../src/transport/grpc/caller-tokens.ts";
import { caller } from "../support/core-environment.ts";

const CALLER = caller();

function counted(answer: () => ReturnType<VerifyCallerToken>) {
  const asked: string[] = [];
  const verify: VerifyCallerToken = (token) => {
    asked.push(token);
    return answer();
  };
  return { verify: verifiedTogether(verify, () => CALLER), asked };
}

test("a token is verified once for calls that come together, and again for what comes later", async () => {
  const { verify, asked } = counted(async () => CALLER);
  expect(await Promise.all([verify("a"), verify("a"), verify("b")])).toEqual([CALLER, CALLER, CALLER]);
  expect(asked).toEqual(["a", "b"]);
  expect(await verify("a")).toBe(CALLER);
  expect(asked).toEqual(["a", "b", "a"]);
});

test("what failed is refused to all who waited, and tried again for the next", async () => {
  const { verify, asked } = counted(async () => {
    throw new Error("no keys");
  });
  const together = await Promise.allSettled([verify("a"), verify("a")]);
  expect(together.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await expect(verify("a")).rejects.toThrow("no keys");
  expect(asked).toEqual(["a", "a"]);
});

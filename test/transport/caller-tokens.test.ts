import { expect, test } from "vitest";
import { rememberedTokens, type VerifyCallerToken } from "../../src/transport/grpc/caller-tokens.ts";

const GOOD = { iss: "https://cluster.example", sub: "api", exp: 1 };

function counted(answer: (token: string) => ReturnType<VerifyCallerToken>) {
  const asked: string[] = [];
  const verify = rememberedTokens((token) => {
    asked.push(token);
    return answer(token);
  });
  return { verify, asked };
}

test("a good token is verified once, however many calls bring it", async () => {
  const { verify, asked } = counted(async () => GOOD);
  const together = await Promise.all([verify("a"), verify("a")]);
  expect([...together, await verify("a")]).toEqual([GOOD, GOOD, GOOD]);
  expect(asked).toEqual(["a"]);
});

test("a token that is not good is verified anew, and so is one whose verification failed", async () => {
  const bad = counted(async () => undefined);
  expect([await bad.verify("a"), await bad.verify("a")]).toEqual([undefined, undefined]);
  expect(bad.asked).toEqual(["a", "a"]);
  const failing = counted(async () => {
    throw new Error("no keys");
  });
  await expect(failing.verify("a")).rejects.toThrow("no keys");
  await expect(failing.verify("a")).rejects.toThrow("no keys");
  expect(failing.asked).toEqual(["a", "a"]);
});

test("no more than 1024 tokens are remembered: the oldest go first", async () => {
  const { verify, asked } = counted(async () => GOOD);
  for (let index = 0; index <= 1_024; index++) await verify(String(index));
  asked.length = 0;
  await verify("1024");
  await verify("0");
  expect(asked).toEqual(["0"]);
});

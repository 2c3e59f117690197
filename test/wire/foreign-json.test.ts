import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { API } from "../support/server.ts";
import { type JwsPart, signJws } from "../support/sign-jws.ts";
import { type Forger, startForger } from "./forger.ts";
import { honestClaims, honestHeader, type Members } from "./honest-foreign-token.ts";
import { inactive } from "./inactive-answer.ts";

let forger: Forger;

beforeAll(async () => {
  forger = await startForger();
});
afterAll(async () => forger.stop());

describe("a token is inactive, though its signature is good, whose JSON", () => {
  test.each<[string, () => string, string]>([
    ["has an exp beyond all numbers", () => text({ exp: undefined }).replace(/\}$/, ',"exp":1e400}'), "MALFORMED"],
    ["has an exp beyond all dates", () => text({ exp: undefined }).replace(/\}$/, ',"exp":1e300}'), "INVALID_CLAIMS"],
  ])("%s", async (_, claims, reason) => {
    expect(await forger.answer(signJws(honestHeader(), claims(), forger.key.privateKey))).toEqual(inactive(reason));
  });

  test.each<[string, () => JwsPart]>([
    ["has a claim twice", () => text().replace(/\}$/, `,"aud":"${API}"}`)],
    ["has a claim twice, spelled with an escape", () => text().replace(/\}$/, `,"\\u0061ud":"${API}"}`)],
    ["has a nested member twice", () => text().replace(/\}$/, ',"more":{"a":1,"a":2}}')],
    ["has __proto__", () => text().replace(/\}$/, ',"__proto__":{"active":true}}')],
    ["is deep", () => text().replace(/\}$/, `,"deep":${"[".repeat(1_000)}${"]".repeat(1_000)}}`)],
    ["is a list", () => `[${text()}]`],
    ["is text", () => '"token"'],
    ["is null", () => "null"],
    ["is empty", () => " "],
    ["is cut short", () => text().slice(0, -1)],
    ["has something after it", () => `${text()}{}`],
    ["begins with a byte order mark", () => `\uFEFF${text()}`],
    [
      "is not UTF-8",
      () => Buffer.concat([Buffer.from(text().slice(0, -1)), Buffer.from([0x2c, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])]),
    ],
    ["is UTF-16", () => Buffer.from(text(), "utf16le")],
  ])("%s", async (_, claims) => {
    expect(await forger.answer(signJws(honestHeader(), claims(), forger.key.privateKey))).toEqual(
      inactive("MALFORMED"),
    );
  });

  test("has a header member twice", async () => {
    const twice = JSON.stringify(honestHeader()).replace(/\}$/, ',"alg":"ES256"}');
    expect(await forger.answer(signJws(twice, honestClaims(), forger.key.privateKey))).toEqual(inactive("MALFORMED"));
  });

  test("is longer than a token may be", async () => {
    expect(await forger.answer(forger.token({}, { more: "x".repeat(20_000) }))).toEqual(inactive("MALFORMED"));
  });
});

function text(claims: Members = {}): string {
  return JSON.stringify({ ...honestClaims(), ...claims });
}

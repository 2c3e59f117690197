/** Whatever a token says of where a key is: nobody goes there. */
import { createServer } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signJws } from "../support/sign-jws.ts";
import { type Forger, startForger } from "./forger.ts";
import { honestClaims, honestHeader, type Members } from "./honest-foreign-token.ts";
import { inactive } from "./inactive-answer.ts";

let forger: Forger;
let connections = 0;
const listener = createServer((socket) => {
  connections += 1;
  socket.destroy();
});
let origin = "";

beforeAll(async () => {
  forger = await startForger();
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  origin = `http://127.0.0.1:${address.port}`;
});
afterAll(async () => {
  await forger.stop();
  listener.close();
});

const HEADERS: [string, () => Members, string][] = [
  ["jku", () => ({ jku: `${origin}/jwks` }), "HEADER_NOT_ALLOWED"],
  ["x5u", () => ({ x5u: `${origin}/certificate.pem` }), "HEADER_NOT_ALLOWED"],
  ["jwk with a jku in it", () => ({ jwk: { kty: "EC", jku: `${origin}/jwks` } }), "HEADER_NOT_ALLOWED"],
  ["x5c and x5u", () => ({ x5c: ["AAAA"], x5u: `${origin}/certificate.pem` }), "HEADER_NOT_ALLOWED"],
  ["crit that names jku", () => ({ crit: ["jku"], jku: `${origin}/jwks` }), "HEADER_NOT_ALLOWED"],
  ["a kid that is an address", () => ({ kid: `${origin}/jwks` }), "UNKNOWN_KEY"],
];

test.each(HEADERS)("a token with %s is inactive, and nothing is fetched", async (_, members, reason) => {
  const before = connections;
  const token = signJws({ ...honestHeader(), ...members() }, honestClaims(), forger.key.privateKey);
  expect(await forger.answer(token)).toEqual(inactive(reason));
  expect(connections).toBe(before);
});

test("a token of an issuer that is not trusted is inactive, and its keys are not looked for", async () => {
  const before = connections;
  const token = signJws(honestHeader(), { ...honestClaims(), iss: origin }, forger.key.privateKey);
  expect(await forger.answer(token)).toEqual(inactive("ISSUER_NOT_TRUSTED"));
  expect(connections).toBe(before);
});

test("and what listens there would have noticed", async () => {
  const before = connections;
  await fetch(origin).catch(() => undefined);
  expect(connections).toBe(before + 1);
});

import { expect, test } from "vitest";
import { loadText, mistakesOf } from "./configuration-folder.ts";

const BY_JWT = "jwt: { issuer: https://idp.example, subject: a }";
const AUDIENCE = "listen: { caller_audience: https://assay.example }";
const SOCKET = "listen: { address: unix:/run/a.sock }";

function configuration(recognitions: readonly string[], ...more: readonly string[]): string {
  const callers = recognitions.map(
    (recognition, index) => `  - { name: c${index}, permissions: [watch], ${recognition} }`,
  );
  return ["issuer: https://auth.example", "callers:", ...callers, ...more].join("\n");
}

function issuer(use: string): string {
  return `issuers: [{ issuer: https://idp.example, discovery: true, algorithms: [ES256], audiences: [a], use: ${use} }]`;
}

test.each<[string, string, RegExp]>([
  [
    "a caller by JWT without an audience for callers",
    configuration([BY_JWT], issuer("[callers]")),
    /^listen\.caller_audience: is needed by callers\[0\]\.jwt/,
  ],
  [
    "a caller by JWT of an issuer that is not there",
    configuration([BY_JWT], AUDIENCE),
    /^callers\[0\]\.jwt\.issuer: is none of the issuers/,
  ],
  [
    "a caller by JWT of an issuer of access tokens alone",
    configuration([BY_JWT], AUDIENCE, issuer("[tokens]")),
    /^callers\[0\]\.jwt\.issuer: its tokens recognise nobody: write use: \[callers\]/,
  ],
  [
    "two callers by one JWT",
    configuration([BY_JWT, BY_JWT], AUDIENCE, issuer("[callers]")),
    /^callers\[1\]\.jwt: this is given already/,
  ],
  [
    "a caller by a Unix socket that is not there",
    configuration(["unix_socket: true"]),
    /^callers\[0\]\.unix_socket: needs listen\.address unix:/,
  ],
  [
    "two callers by the Unix socket",
    configuration(["unix_socket: true", "unix_socket: true"], SOCKET),
    /^callers\[1\]\.unix_socket: whoever opens the socket is callers\[0\] already/,
  ],
])("%s is the one mistake that is reported", async (_what, yaml, message) => {
  expect(await mistakesOf(yaml)).toEqual([expect.stringMatching(message)]);
});

test.each<[string, string]>([
  ["a JWT", configuration([BY_JWT], AUDIENCE, issuer("[tokens, callers]"))],
  ["the Unix socket", configuration(["unix_socket: true"], SOCKET)],
])("a caller may be recognised by %s alone", async (_what, yaml) => {
  await expect(loadText(yaml)).resolves.toBeDefined();
});

test("an issuer of callers alone needs no audiences of its own", async () => {
  const callersOnly = issuer("[callers]").replace(" audiences: [a],", "");
  await expect(loadText(configuration([BY_JWT], AUDIENCE, callersOnly))).resolves.toBeDefined();
});

import { expect, test } from "vitest";
import { issuedFrom, sameOrigin } from "../../../src/core/signals/issued-from.ts";
import { AWAY, HOME, KEY } from "./watched.ts";

const said = issuedFrom(KEY, "token-1", HOME);

test.each([
  ["the same context", HOME, { network: true, agent: true }],
  ["another address of its network", { ...HOME, clientIp: "192.0.2.99" }, { network: true, agent: true }],
  ["another version of its program", { ...HOME, userAgent: "Browser/2.5.1 (home)" }, { network: true, agent: true }],
  ["another network", { ...HOME, clientIp: AWAY.clientIp }, { network: false, agent: true }],
  ["another program", { ...HOME, userAgent: AWAY.userAgent }, { network: true, agent: false }],
  ["elsewhere", AWAY, { network: false, agent: false }],
  ["an address alone", { clientIp: HOME.clientIp }, { network: true, agent: undefined }],
  ["nothing that is forwarded", {}, { network: undefined, agent: undefined }],
])("a request from %s", (_, context, expected) => {
  expect(sameOrigin(KEY, "token-1", said, context)).toEqual(expected);
});

test("a token whose request forwarded nothing says nothing of anyone", () => {
  expect(sameOrigin(KEY, "token-1", issuedFrom(KEY, "token-1", {}), HOME)).toEqual({
    network: undefined,
    agent: undefined,
  });
});

test.each(["", "abc", "!".repeat(16), `${said}AAAA`])("what is not of the form says nothing: '%s'", (text) => {
  expect(sameOrigin(KEY, "token-1", text, HOME)).toEqual({ network: undefined, agent: undefined });
});

test("it takes 16 characters, and two tokens of one person have nothing in common", () => {
  const other = issuedFrom(KEY, "token-2", HOME);
  expect(said).toMatch(/^[\w-]{16}$/);
  expect(other.slice(0, 8)).not.toBe(said.slice(0, 8));
  expect(other.slice(8)).not.toBe(said.slice(8));
});

test("who lacks the key cannot tell whence it was issued", () => {
  expect(sameOrigin(Buffer.alloc(32, 4), "token-1", said, HOME)).toEqual({ network: false, agent: false });
});

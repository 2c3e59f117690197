import { expect, test } from "vitest";
import { openClient } from "../src/index.ts";

test.each(["assay.example:50051", "10.0.0.1:50051", "[2001:db8::1]:50051", "127.example:50051"])(
  "plaintext to %s is refused, and the refusal says what to give",
  (address) => {
    expect(() => openClient({ address, credentials: { secret: "s3cret" } })).toThrow(/Without tls .* Give tls/);
  },
);

test.each(["127.0.0.1:1", "[::1]:1", "localhost:1", "unix:/run/assay.sock"])(
  "plaintext to %s stays here",
  (address) => {
    const client = openClient({ address });
    expect(client.cacheProblem()).toBeUndefined();
    client.close();
  },
);

test.each(["", "localhost", "http://localhost:1", "localhost:1/x", "a b:1"])("%j is no address", (address) => {
  expect(() => openClient({ address })).toThrow(/^address must be/);
});

test.each([
  [{ deadlineMs: 0 }, "deadlineMs"],
  [{ maxPending: 1.5 }, "maxPending"],
  [{ cache: { maxEntries: -1 } }, "cache.maxEntries"],
  [{ cache: { maxStalenessMs: Number.NaN } }, "cache.maxStalenessMs"],
])("%j is refused by its name", (options, name) => {
  expect(() => openClient({ address: "127.0.0.1:1", ...options })).toThrow(`${name} must be a whole number`);
});

test("a secret with a line in it is refused, and not quoted", () => {
  const refusal = /^credentials\.secret must be one word of printable characters$/;
  expect(() => openClient({ address: "127.0.0.1:1", credentials: { secret: "first\nsecond" } })).toThrow(refusal);
});

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { WatchRevocationsResponse } from "../../src/gen/assay/v1/token_service.ts";
import { readToldStep, type ToldStep } from "../../src/store/upstream/told-step.ts";

const milliseconds = fc.option(
  fc.oneof(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), fc.integer(), fc.constant(Number.MAX_SAFE_INTEGER)),
  { nil: undefined },
);
const digest = fc
  .oneof({ weight: 9, arbitrary: fc.constant(16) }, { weight: 1, arbitrary: fc.nat(20) })
  .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }))
  .map((bytes) => Buffer.from(bytes));
const revocation = fc.record({
  digest,
  selector: fc.constantFrom(undefined, undefined, undefined, { iss: "https://issuer.example", names: undefined }),
  born_at_or_before_ms: milliseconds,
  expires_at_ms: milliseconds,
  reason: fc.constantFrom("", "", "", "stolen"),
  appended_at_ms: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: milliseconds }),
});
const message = fc.record({
  revocations: fc.array(revocation, { maxLength: 8 }),
  revision: fc.constantFrom(undefined, undefined, "", "a/1"),
  proved_at_ms: milliseconds,
  from_beginning: fc.boolean(),
});
const encoded = message.map((fields) => Buffer.from(WatchRevocationsResponse.encode(fields).finish()));

test("what an authority tells is read as the contract's own code reads it", () => {
  fc.assert(
    fc.property(encoded, (bytes) => {
      expect(readToldStep(bytes)).toEqual(readByContract(bytes));
    }),
  );
});

test("a revocation of which nothing is told is read as the contract's own code reads it", () => {
  const bytes = Buffer.from([0x0a, 0]);
  expect(readToldStep(bytes)).toEqual(readByContract(bytes));
});

test("bytes that were cut off or changed are refused or read as the contract's own code does", () => {
  const change = fc.tuple(fc.nat(), fc.nat(255), fc.boolean());
  fc.assert(
    fc.property(encoded, change, (bytes, [at, byte, isCut]) => {
      const place = at % (bytes.length + 1);
      const changed = Buffer.from(isCut ? bytes.subarray(0, place) : bytes);
      if (place < changed.length) changed[place] = byte;
      expect(outcomeOf(() => readToldStep(changed))).toEqual(outcomeOf(() => readByContract(changed)));
    }),
    { numRuns: 2_000 },
  );
});

function readByContract(bytes: Buffer): ToldStep {
  const told = WatchRevocationsResponse.decode(bytes);
  return {
    revocations: told.revocations.map((one) => ({
      digest: one.digest,
      ...(one.born_at_or_before_ms === undefined ? {} : { cutOff: one.born_at_or_before_ms }),
      ...(one.expires_at_ms === undefined ? {} : { keepUntil: one.expires_at_ms }),
      ...(one.appended_at_ms === undefined ? {} : { appendedAt: one.appended_at_ms }),
    })),
    revision: told.revision,
    provedAtMs: told.proved_at_ms,
    isFromBeginning: told.from_beginning,
  };
}

function outcomeOf(read: () => ToldStep): ToldStep | "refused" {
  try {
    return read();
  } catch {
    return "refused";
  }
}

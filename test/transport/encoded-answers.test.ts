import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  BatchIntrospectResponse,
  IntrospectResponse,
  IntrospectStreamResponse,
} from "../../src/gen/assay/v1/token_service.ts";
import { Status } from "../../src/gen/google/rpc/status.ts";
import { encodeBatch, encodeStreamAnswers } from "../../src/transport/grpc/encoded-answers.ts";

/** Of any length that a varint may tell in one, two or three bytes. */
const text = fc.oneof(fc.constant(""), fc.nat(200), fc.nat(40_000)).map((length) => "x".repeat(Number(length)));
const id = fc.oneof(fc.nat(300), fc.maxSafeNat(), fc.constant(Number.MAX_SAFE_INTEGER));
const answer = fc.record({ id, text, isFailure: fc.boolean() });

type Given = { text: string; isFailure: boolean };

function encoded({ text: message, isFailure }: Given) {
  const bytes = isFailure
    ? Status.encode({ code: 14, message, details: [] }).finish()
    : IntrospectResponse.encode(IntrospectResponse.fromPartial({ active: true, sub: message })).finish();
  return { bytes, isFailure };
}

test("what is made of a stream's answers is what the library would have made of them", () => {
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 20 }), (given) => {
      const message = encodeStreamAnswers(given.map((one) => ({ ...encoded(one), id: one.id })));
      const items = IntrospectStreamResponse.decode(message).items.map(({ id: number, result }) => ({
        id: number,
        text: result?.$case === "status" ? result.value.message : result?.value.sub,
        isFailure: result?.$case === "status",
      }));
      expect(items).toEqual(given);
    }),
  );
});

test("what is made of a batch's answers has an empty one for each that failed, and its failure", () => {
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 256 }), (given) => {
      const { responses, failures } = BatchIntrospectResponse.decode(encodeBatch(given.map(encoded)));
      expect(responses.map(({ sub }) => sub)).toEqual(
        given.map(({ isFailure, text: sub }) => (isFailure ? undefined : sub)),
      );
      const failed = given.flatMap(({ isFailure, text: message }, index) => (isFailure ? [{ index, message }] : []));
      expect(failures.map(({ index, status }) => ({ index, message: status?.message }))).toEqual(failed);
    }),
  );
});

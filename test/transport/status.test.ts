import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { AssayError, type ErrorCode } from "../../src/core/error.ts";
import { ErrorReason } from "../../src/gen/assay/v1/error_reason.ts";
import { ErrorInfo, RetryInfo } from "../../src/gen/google/rpc/error_details.ts";
import { Status } from "../../src/gen/google/rpc/status.ts";
import { statusOf } from "../../src/transport/grpc/status.ts";

/** A code without a row here does not compile. */
const EXPECTED: Record<ErrorCode, { code: keyof typeof status; retryAfter?: number }> = {
  invalid_request: { code: "INVALID_ARGUMENT" },
  caller_unknown: { code: "UNAUTHENTICATED" },
  permission_missing: { code: "PERMISSION_DENIED" },
  client_not_allowed: { code: "PERMISSION_DENIED" },
  audience_not_allowed: { code: "PERMISSION_DENIED" },
  grant_not_allowed: { code: "PERMISSION_DENIED" },
  scope_not_allowed: { code: "PERMISSION_DENIED" },
  format_not_allowed: { code: "PERMISSION_DENIED" },
  invalid_grant: { code: "FAILED_PRECONDITION" },
  store_unavailable: { code: "UNAVAILABLE", retryAfter: 1 },
  keys_unavailable: { code: "UNAVAILABLE", retryAfter: 1 },
  store_full: { code: "RESOURCE_EXHAUSTED", retryAfter: 10 },
  shutting_down: { code: "UNAVAILABLE", retryAfter: 1 },
  invalid_proof: { code: "FAILED_PRECONDITION" },
  use_dpop_nonce: { code: "FAILED_PRECONDITION" },
  rate_limited: { code: "RESOURCE_EXHAUSTED", retryAfter: 1 },
  watcher_too_slow: { code: "RESOURCE_EXHAUSTED", retryAfter: 1 },
  audit_unavailable: { code: "UNAVAILABLE", retryAfter: 5 },
  call_gone: { code: "CANCELLED" },
};

function codes(): ErrorCode[] {
  const isCode = (name: string): name is ErrorCode => name in EXPECTED;
  return Object.keys(EXPECTED).filter(isCode);
}

function detailsOf(error: unknown): Map<string, Uint8Array> {
  const bytes = statusOf(error).metadata.get("grpc-status-details-bin")[0];
  const { details } = Status.decode(Buffer.from(bytes ?? ""));
  return new Map(details.map(({ type_url: url, value }) => [url, value]));
}

function infoOf(error: unknown): ErrorInfo {
  return ErrorInfo.decode(detailsOf(error).get("type.googleapis.com/google.rpc.ErrorInfo") ?? Buffer.alloc(0));
}

describe.each(codes())("the error %s", (code) => {
  const error = new AssayError(code, "what, where, and how to mend it", { metadata: { permission: "issue" } });

  test("has its status, text and reason", () => {
    expect(statusOf(error)).toMatchObject({
      code: status[EXPECTED[code].code],
      name: EXPECTED[code].code,
      details: "what, where, and how to mend it",
      reason: code.toUpperCase(),
    });
    expect(infoOf(error)).toEqual({
      reason: code.toUpperCase(),
      domain: "assay.v1",
      metadata: { permission: "issue" },
    });
  });

  test("says when to retry exactly where a retry can help", () => {
    const bytes = detailsOf(error).get("type.googleapis.com/google.rpc.RetryInfo");
    const seconds = bytes === undefined ? undefined : RetryInfo.decode(bytes).retry_delay?.seconds;
    expect(seconds).toBe(EXPECTED[code].retryAfter);
  });
});

test("every reason of the contract is a code or INTERNAL, and every code is a reason but the one that nobody waits for", () => {
  const reasons = Object.keys(ErrorReason).filter((name) => name.startsWith("ERROR_REASON_"));
  const sent = codes().filter((code) => code !== "call_gone");
  const known = [...sent.map((code) => code.toUpperCase()), "INTERNAL", "UNSPECIFIED"];
  expect(reasons.map((name) => name.replace("ERROR_REASON_", "")).toSorted()).toEqual(known.toSorted());
});

test.each([
  new Error("password=hunter2"),
  new TypeError("asy_at_abc"),
  "text",
  undefined,
  { code: 5, details: "mine" },
])("anything else is INTERNAL with a fixed text: %s", (thrown) => {
  expect(statusOf(thrown)).toMatchObject({ code: status.INTERNAL, reason: "INTERNAL" });
  expect(statusOf(thrown).details).toBe(
    "internal error: its cause is in the service's log, under the x-request-id of this answer",
  );
  expect(infoOf(thrown)).toEqual({ reason: "INTERNAL", domain: "assay.v1", metadata: {} });
});

test("the cause of an error never travels", () => {
  const error = new AssayError("store_unavailable", "the store did not answer", { cause: new Error("hunter2") });
  const { details, metadata } = statusOf(error);
  expect(details + String(metadata.get("grpc-status-details-bin")[0])).not.toContain("hunter2");
});

test("the trailers stay below what clients accept, however much is wrong", () => {
  const fields = Array.from({ length: 5_000 }, (_, index) => ({ field: `field_${index}`, description: "is wrong" }));
  const { details, metadata } = statusOf(new AssayError("invalid_request", "x".repeat(100_000), { fields }));
  expect(details.length).toBeLessThanOrEqual(1_024);
  expect(String(metadata.toHttp2Headers()["grpc-status-details-bin"]).length).toBeLessThan(6_000);
});

test("a text that holds half a character can still be sent", () => {
  expect(() => encodeURI(statusOf(new AssayError("invalid_grant", "\uD800")).details)).not.toThrow();
});

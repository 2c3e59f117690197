import { describe, expect, test } from "vitest";
import { judgeAnswer } from "../../src/events/judge-answer.ts";

const NOW = Date.UTC(2026, 0, 1);

function judged(status: number, body = "", headers = {}) {
  return judgeAnswer({ status, headers, body }, NOW);
}

describe("an answer to a push", () => {
  test("of 202 alone says that the receiver has it", () => {
    expect(judged(202)).toEqual({ outcome: "delivered" });
  });

  test.each([
    [400, '{"err":"invalid_key","description":"eyJ"}', "invalid_key"],
    [400, '{"err":"invalid_audience"}', "invalid_audience"],
    [400, '{"err":"eyJhbGciOi"}', "status 400"],
    [400, "<html>", "status 400"],
    [400, '["err"]', "status 400"],
    [200, "", "status 200"],
    [204, "", "status 204"],
    [307, "", "status 307"],
    [405, "", "status 405"],
    [410, "", "status 410"],
    [413, "", "status 413"],
    [415, "", "status 415"],
  ])("of %i with %s is final", (status, body, why) => {
    expect(judged(status, body)).toEqual({ outcome: "refused", why });
  });

  test.each([
    [400, '{"err":"authentication_failed"}', "authentication_failed"],
    [400, '{"err":"access_denied"}', "access_denied"],
    [401, "", "status 401"],
    [403, "", "status 403"],
    [404, "", "status 404"],
    [408, "", "status 408"],
    [425, "", "status 425"],
    [429, "", "status 429"],
    [500, "", "status 500"],
    [503, "", "status 503"],
    [599, "", "status 599"],
  ])("of %i with %s is tried again", (status, body, why) => {
    expect(judged(status, body)).toEqual({ outcome: "again", why });
  });

  test.each([
    ["120", 120_000],
    [new Date(NOW + 30_000).toUTCString(), 30_000],
    [new Date(NOW - 30_000).toUTCString(), 0],
    ["soon", undefined],
  ])("that says Retry-After: %s is tried again then", (text, afterMs) => {
    const outcome = judged(503, "", { "retry-after": text });
    expect(outcome.outcome === "again" ? outcome.afterMs : "final").toBe(afterMs);
  });
});

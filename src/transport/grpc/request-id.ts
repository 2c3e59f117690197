import type { Metadata } from "@grpc/grpc-js";

export const REQUEST_ID = "x-request-id";

/** What could be a token of ours, sent there by mistake, is not: it would be logged. A JWT is longer. */
const SANE = /^(?!.*asy_)[\w.:+/=-]{1,64}$/;

/** The caller's own request id, when there is one and it is fit for a log line. */
export function givenRequestId(metadata: Metadata): string | undefined {
  const [given] = metadata.get(REQUEST_ID);
  return typeof given === "string" && SANE.test(given) ? given : undefined;
}

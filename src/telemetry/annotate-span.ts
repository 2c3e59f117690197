import { trace } from "@opentelemetry/api";
import type { Annotate, TokenFacts } from "../core/token-facts.ts";
import { ATTRIBUTES } from "./attributes.ts";

/** Says on the span of a call what its token is. */
export const annotateSpan: Annotate = {
  isWanted: () => trace.getActiveSpan()?.isRecording() === true,
  token: (facts) => {
    trace.getActiveSpan()?.setAttributes(attributesOf(facts));
  },
};

function attributesOf(facts: TokenFacts) {
  return {
    [ATTRIBUTES.tokenFormat]: facts.format,
    [ATTRIBUTES.issuer]: facts.issuer,
    [ATTRIBUTES.clientId]: facts.clientId,
    [ATTRIBUTES.tokenRemembered]: facts.isRemembered,
    [ATTRIBUTES.staleness]: facts.staleForMs / 1_000,
    [ATTRIBUTES.tokenFingerprint]: facts.tokenFingerprint,
    [ATTRIBUTES.familyFingerprint]: facts.familyFingerprint,
    [ATTRIBUTES.subjectFingerprint]: facts.subjectFingerprint,
  };
}

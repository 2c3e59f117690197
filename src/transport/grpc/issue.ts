import type { Caller } from "../../core/caller.ts";
import type { Authority } from "../../core/environment.ts";
import { exchange } from "../../core/issue/exchange.ts";
import type { Issued } from "../../core/issue/issued.ts";
import { mint } from "../../core/issue/mint.ts";
import { refresh } from "../../core/issue/refresh.ts";
import type { IssueRequest, IssueResponse } from "../../gen/assay/v1/token_service.ts";
import type { CallFacts } from "./call-facts.ts";
import { exchangeToCore } from "./exchange-request.ts";
import { mintToCore } from "./mint-request.ts";
import { refreshToCore } from "./refresh-request.ts";
import type { Answer } from "./rpc.ts";
import { gatherViolations } from "./violations.ts";

/** `encoded` are the bytes of the message. */
export async function issue(
  environment: Authority,
  caller: Caller,
  message: IssueRequest,
  encoded: Buffer,
  facts: () => CallFacts,
): Promise<Answer<IssueResponse>> {
  const { grant } = message;
  switch (grant?.$case) {
    case "mint":
      return toAnswer("mint", await mint(environment, caller, mintToCore(grant.value, encoded)));
    case "refresh":
      return toAnswer("refresh", await refresh(environment, caller, refreshToCore(grant.value, facts())));
    case "exchange":
      return toAnswer("exchange", await exchange(environment, caller, exchangeToCore(grant.value, facts())));
    case undefined: {
      const violations = gatherViolations();
      violations.add("grant", "is required: mint, refresh or exchange");
      throw violations.error();
    }
  }
}

function toAnswer(outcome: string, issued: Issued): Answer<IssueResponse> {
  return {
    outcome,
    response: {
      access_token: issued.accessToken.reveal(),
      token_type: issued.tokenType,
      expires_in: issued.expiresIn,
      refresh_token: issued.refresh?.token.reveal(),
      refresh_expires_in: issued.refresh?.expiresIn,
      scope: issued.scope,
      issued_token_type: issued.issuedTokenType,
      sid: issued.sid,
    },
  };
}

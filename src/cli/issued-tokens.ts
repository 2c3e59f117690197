import type { IssueResponse } from "../gen/assay/v1/token_service.ts";
import { coloured, printJson, printLine, printTable } from "./output.ts";

/**
 * What Issue answered. `--json`: the shape of RFC 6749 section 5.1. On a terminal: a table, then the tokens on lines of
 * their own. Into a pipe: only the tokens, one a line, so that the next command can read them.
 */
export function printIssued(answer: IssueResponse, json: boolean | undefined): void {
  if (json === true) {
    printJson(asJson(answer));
    return;
  }
  if (!process.stdout.isTTY) {
    printLine(answer.access_token);
    if (answer.refresh_token !== undefined) printLine(answer.refresh_token);
    return;
  }
  printTable([
    ["token_type", answer.token_type],
    ["expires_in", `${answer.expires_in} s`],
    ["refresh_expires_in", answer.refresh_expires_in === undefined ? undefined : `${answer.refresh_expires_in} s`],
    ["scope", answer.scope],
    ["issued_token_type", answer.issued_token_type],
    ["sid", answer.sid],
  ]);
  printToken("access_token", answer.access_token);
  printToken("refresh_token", answer.refresh_token);
}

function printToken(name: string, token: string | undefined): void {
  if (token === undefined) return;
  printLine();
  printLine(coloured("bold", name));
  printLine(token);
}

function asJson(answer: IssueResponse): Record<string, unknown> {
  return {
    access_token: answer.access_token,
    token_type: answer.token_type,
    expires_in: answer.expires_in,
    refresh_token: answer.refresh_token,
    refresh_expires_in: answer.refresh_expires_in,
    scope: answer.scope,
    issued_token_type: answer.issued_token_type,
    sid: answer.sid,
  };
}

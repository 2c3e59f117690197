import { expect, test } from "vitest";
import type { Exchange, Refresh } from "../../src/gen/assay/v1/token_service.ts";
import { exchangeToCore } from "../../src/transport/grpc/exchange-request.ts";
import { refreshToCore } from "../../src/transport/grpc/refresh-request.ts";

const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
const JWT = "urn:ietf:params:oauth:token-type:jwt";
const REFRESH_TOKEN = "urn:ietf:params:oauth:token-type:refresh_token";

const FACTS = { requestId: undefined, callerCertificate: undefined };
const REFRESH: Refresh = {
  refresh_token: "asy_rt_x",
  client_id: "web",
  scope: "",
  context: undefined,
  proof: undefined,
};
const EXCHANGE: Exchange = {
  client_id: "orders",
  subject_token: "asy_at_x",
  subject_token_type: ACCESS_TOKEN,
  actor_token: "",
  actor_token_type: "",
  audience: ["https://orders.example"],
  scope: "",
  requested_token_type: "",
  proof: undefined,
  context: undefined,
};

test.each<[string, Partial<Refresh>, string]>([
  ["no refresh token", { refresh_token: "" }, "refresh.refresh_token is required"],
  ["no client", { client_id: "" }, "refresh.client_id is required"],
  ["a tab in the scope", { scope: "a\tb" }, "refresh.scope item 0 must be printable ASCII"],
  [
    "an address with a port",
    { context: { client_ip: "10.0.0.1:80", user_agent: "", http_method: "", http_uri: "" } },
    "refresh.context.client_ip must be an IP address",
  ],
  [
    "a user agent of 513 bytes",
    { context: { client_ip: "", user_agent: "a".repeat(513), http_method: "", http_uri: "" } },
    "refresh.context.user_agent must be at most 512 bytes",
  ],
])("a refresh with %s is refused", (_what, changes, message) => {
  expect(() => refreshToCore({ ...REFRESH, ...changes }, FACTS)).toThrow(message);
});

test("a refresh is translated, what is empty being absent", () => {
  expect(
    refreshToCore({ ...REFRESH, context: { client_ip: "::1", user_agent: "", http_method: "", http_uri: "" } }, FACTS),
  ).toMatchObject({
    clientId: "web",
    scopes: [],
    context: { clientIp: "::1" },
  });
});

test.each<[string, Partial<Exchange>, string]>([
  ["no client", { client_id: "" }, "exchange.client_id is required"],
  ["no subject token", { subject_token: "" }, "exchange.subject_token is required"],
  ["no subject token type", { subject_token_type: "" }, "exchange.subject_token_type is required"],
  [
    "a refresh token as subject",
    { subject_token_type: REFRESH_TOKEN },
    `exchange.subject_token_type must be ${ACCESS_TOKEN} or ${JWT}`,
  ],
  ["an actor token without its type", { actor_token: "asy_at_y" }, "exchange.actor_token_type is required"],
  [
    "an actor token type without its token",
    { actor_token_type: JWT },
    "exchange.actor_token_type goes only with actor_token",
  ],
  [
    "a refresh token as actor",
    { actor_token: "x", actor_token_type: REFRESH_TOKEN },
    "exchange.actor_token_type must be",
  ],
  ["no audience", { audience: [] }, "exchange.audience is required"],
  ["a backslash in a scope", { scope: "a\\b" }, "exchange.scope item 0 must be printable ASCII"],
  ["a refresh token asked for", { requested_token_type: REFRESH_TOKEN }, "exchange.requested_token_type must be"],
])("an exchange with %s is refused", (_what, changes, message) => {
  expect(() => exchangeToCore({ ...EXCHANGE, ...changes }, FACTS)).toThrow(message);
});

test("an exchange is translated, and its tokens cannot be printed", () => {
  const request = exchangeToCore(
    {
      ...EXCHANGE,
      actor_token: "asy_at_y",
      actor_token_type: JWT,
      scope: "read",
      requested_token_type: JWT,
    },
    FACTS,
  );
  expect(request).toMatchObject({ clientId: "orders", scopes: ["read"], requestedTokenType: JWT });
  expect(JSON.stringify(request)).not.toContain("asy_at_");
  expect(request.actorToken?.reveal()).toBe("asy_at_y");
});

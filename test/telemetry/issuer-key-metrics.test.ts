import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { json, startKeyServer } from "../keys/key-server.ts";
import { foreignKeyPair } from "../keys/foreign-key-pair.ts";
import { startOtlpReceiver } from "../support/otlp-receiver.ts";
import { API, startServer } from "../support/server.ts";
import { signJws } from "../support/sign-jws.ts";
import { honestClaims, honestHeader, IDP } from "../wire/honest-foreign-token.ts";

beforeEach(() => {
  vi.stubEnv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test("fetches of an issuer's keys are counted by outcome, and the age of its keys is measured", async () => {
  const key = await foreignKeyPair("ES256", "idp");
  const source = await startKeyServer();
  source.answers.set("/jwks", json({ keys: [key.publicJwk] }));
  const receiver = await startOtlpReceiver();
  const server = await startServer({
    telemetry: { otlp_endpoint: receiver.endpoint },
    issuers: [
      {
        issuer: IDP,
        jwks_uri: `${source.origin}/jwks`,
        allow_http_loopback: true,
        algorithms: ["ES256"],
        audiences: [API],
      },
    ],
  });
  const token = signJws(honestHeader(), honestClaims(), key.privateKey);
  expect(await server.client().introspect({ token })).toMatchObject({ active: true });
  await server.stop();

  const exported = receiver.everything();
  expect(exported).toContain('"assay.issuer_keys.fetches"');
  expect(exported).toContain('"assay.issuer_keys.age"');
  expect(exported).toMatch(/"assay\.issuer","value":\{"stringValue":"https:\/\/idp\.example"\}/);
  expect(exported).toMatch(/"assay\.outcome","value":\{"stringValue":"fetched"\}/);
});

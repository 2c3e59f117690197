/**
 * Nothing secret or personal leaves: a server with everything turned on that could say too much, every kind of call, a store that
 * fails in the middle, and then a search of its logs, spans, metrics, store and errors. What may be said is found there, so
 * the search sees what it looks at.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { expect, test } from "vitest";
import { PERMISSIONS } from "../../src/core/caller.ts";
import { decodeRefreshToken } from "../../src/core/token/refresh-token.ts";
import { foreignKeyPair } from "../keys/foreign-key-pair.ts";
import { makeCertificates } from "../support/certificates.ts";
import { leakFinder } from "../support/leaks/find-leaks.ts";
import { recordFilesIn, recordJwk } from "../support/leaks/record-files.ts";
import { recordedSecrets, recordSecret } from "../support/leaks/record.ts";
import type { Secret } from "../support/leaks/secret-forms.ts";
import { startOtlpGrpcReceiver } from "../support/otlp-grpc-receiver.ts";
import { API, ORDERS, startServer, testCaller } from "../support/server.ts";
import { signJws } from "../support/sign-jws.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { metricsAddress, scrape } from "../telemetry/scrape.ts";
import { callsThatNeedTheStore, CLIENT, type EveryCall, everyCall, PARTNER, type Private } from "./every-call.ts";
import { redisStorage, sqliteStorage, type Storage } from "./failing-storage.ts";
import { honestClaims, honestHeader, IDP } from "./honest-foreign-token.ts";

const UNREACHABLE = "https://unreachable.example";
const CERTIFIED = { name: "certified-caller", san: "URI:spiffe://fleet/storefront" };
const trusted = testCaller({
  name: "trusted-caller",
  permissions: [...PERMISSIONS],
  audiences: [API, ORDERS],
  clients: ["*"],
});

const EVERY_FAILURE = [
  "INVALID_REQUEST",
  "CALLER_UNKNOWN",
  "PERMISSION_MISSING",
  "CLIENT_NOT_ALLOWED",
  "AUDIENCE_NOT_ALLOWED",
  "SCOPE_NOT_ALLOWED",
  "INVALID_GRANT",
  "KEYS_UNAVAILABLE",
  "STORE_UNAVAILABLE",
  "RESOURCE_EXHAUSTED",
];

test.each<[string, () => Promise<Storage>, string[]]>([
  ["SQLite", async () => sqliteStorage, ["INTERNAL"]],
  ["Redis", redisStorage, []],
])(
  "over %s no token, secret, key or personal datum is in logs, spans, metrics, errors or the store",
  async (_name, open, failures) => {
    const storage = await open();
    const { log, telemetry, store, told, mine, outcomes } = await everythingEmitted(storage);
    expect([...outcomes]).toEqual(expect.arrayContaining([...EVERY_FAILURE, ...failures]));

    const { find } = leakFinder([...recordedSecrets(), ...identifiersIn(recordedSecrets())]);
    for (const emitted of [log, telemetry, store, told]) expect(find(emitted)).toEqual([]);

    for (const value of Object.values(mine)) expect(find(Buffer.concat([log, Buffer.from(value)]))).toHaveLength(1);
    for (const emitted of [log, telemetry]) {
      for (const harmless of [trusted.entry.name, CERTIFIED.name, CLIENT, "refresh_token_reuse"]) {
        expect(emitted.includes(harmless)).toBe(true);
      }
    }
    expect(telemetry.includes("assay.introspections")).toBe(true);
    expect(telemetry.includes("assay.token.exchanged")).toBe(true);
    expect(telemetry.includes("assay_introspections_total{")).toBe(true);
    expect(store.includes(storage.harmless)).toBe(true);
  },
);

type Emitted = { log: Buffer; telemetry: Buffer; store: Buffer; told: Buffer; mine: Private; outcomes: Set<string> };

async function everythingEmitted(storage: Storage): Promise<Emitted> {
  const receiver = await startOtlpGrpcReceiver();
  const setup = await startEverything(storage, receiver.endpoint);
  const { server, mine } = setup;
  const failures = [await everyCall(setup)];
  const calls = await callsThatNeedTheStore(setup);
  await storage.fail(
    server.directory,
    calls.map((call) => async () => void failures.push(await call())),
  );
  const store = await storage.dump(server.directory);
  recordFilesIn(server.directory);
  const { text: scraped } = await scrape(metricsAddress(server.log()));
  await server.stop();
  return {
    log: Buffer.from(server.log()),
    telemetry: Buffer.concat([Buffer.from(receiver.everything(), "latin1"), Buffer.from(scraped)]),
    store,
    told: Buffer.from(failures.flatMap(({ texts }) => texts).join("\n")),
    mine,
    outcomes: new Set(failures.flatMap(({ outcomes }) => [...outcomes])),
  };
}

async function startEverything(storage: Storage, endpoint: string): Promise<EveryCall> {
  const directory = await temporaryDirectory();
  const certificates = await makeCertificates(directory);
  const { certificateFile, keyFile } = certificates.server;
  const byCertificate = await certificates.client(CERTIFIED.san);
  recordFilesIn(directory);
  const key = await foreignKeyPair("ES256", "idp");
  recordJwk("a provider's signing key", key.privateJwk);
  await writeFile(join(directory, "jwks.json"), JSON.stringify({ keys: [key.publicJwk] }));
  const foreign = { algorithms: ["ES256" as const], audiences: [API] };
  const policy = {
    scopes: ["read", "write"],
    audiences: [API, ORDERS],
    grants: ["mint" as const, "refresh" as const, "exchange" as const],
  };
  const certified = { certificate_san: [CERTIFIED.san], permissions: ["introspect" as const], audiences: [API] };
  const server = await startServer({
    development: false,
    log: { level: "debug", audit: true },
    telemetry: { otlp_endpoint: endpoint, prometheus_address: "127.0.0.1:0" },
    listen: { tls: { certificate: certificateFile, key: keyFile, client_ca: certificates.caFile } },
    callers: [trusted.entry, { name: CERTIFIED.name, ...certified }],
    clients: [
      { client_id: CLIENT, ...policy },
      { client_id: PARTNER, ...policy, subject_audiences: [API] },
    ],
    issuers: [
      { issuer: IDP, jwks_file: join(directory, "jwks.json"), ...foreign },
      { issuer: UNREACHABLE, jwks_uri: "https://127.0.0.1:1/jwks", ...foreign },
    ],
    ...(storage.url === undefined ? {} : { store: { url: storage.url, timeout: "2s" } }),
  });
  const mine = privateData();
  const tls = { ca: certificates.ca };
  return {
    server,
    mine,
    nobody: { tls },
    trusted: { tls, secret: trusted.secret },
    byCertificate: { tls: { ...tls, ...byCertificate } },
    foreignIssuer: IDP,
    unreachableIssuer: UNREACHABLE,
    foreignToken: (issuer = IDP) =>
      signJws(honestHeader(), { ...honestClaims(), iss: issuer, ...foreignClaims(mine) }, key.privateKey),
  };
}

/** Unlike anything else that a run emits. */
function privateData(): Private {
  const mine = {
    subject: `subject-${unique()}@people.example`,
    clientIp: `2001:db8:${randomBytes(12).toString("hex").match(/..../g)?.join(":")}`,
    userAgent: `Agent/${unique()} (of somebody)`,
    httpUri: `https://api.example/people/${unique()}?name=${unique()}`,
    nickname: `nick-${unique()}`,
    reason: `because ${unique()}`,
  };
  for (const [kind, text] of Object.entries(mine)) recordSecret({ kind, text });
  return mine;
}

function unique(): string {
  return randomBytes(9).toString("hex");
}

function foreignClaims({ subject, nickname }: Private): object {
  return { sub: subject, username: nickname, email: subject, act: { sub: nickname }, jti: randomUUID() };
}

/** What follows from a token: whoever has it can tell whose it is. */
function identifiersIn(secrets: readonly Secret[]): Secret[] {
  const tokens = secrets.flatMap((secret) => ("token" in secret ? [secret.token] : []));
  const ids = new Set(tokens.flatMap((token) => [decodeRefreshToken(token)?.sid, ...claimedIds(token)]));
  return [...ids].flatMap((id) =>
    id === undefined
      ? []
      : [
          { kind: "an identifier", text: id },
          { kind: "an identifier", key: Buffer.from(id.replaceAll("-", ""), "hex") },
        ],
  );
}

function claimedIds(token: string): (string | undefined)[] {
  try {
    const { jti, sid } = decodeJwt(token);
    return [jti, typeof sid === "string" ? sid : undefined];
  } catch {
    return [];
  }
}

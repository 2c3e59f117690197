/** Every kind of call, the good and the refused, with whatever must not leak in every field that takes it. */
import { randomBytes } from "node:crypto";
import { Metadata } from "@grpc/grpc-js";
import { makeCallerSecret } from "../../src/core/token/caller-secret.ts";
import { CallError } from "../support/call-error.ts";
import { recordSecret } from "../support/leaks/record.ts";
import { type ClientOptions, type MintInput, mintMessage, type TestClient } from "../support/client.ts";
import { API, ORDERS, type TestServer } from "../support/server.ts";

/** What must be found nowhere. */
export type Private = {
  subject: string;
  clientIp: string;
  userAgent: string;
  httpUri: string;
  nickname: string;
  reason: string;
};

export type EveryCall = {
  server: TestServer;
  /** May do everything. */
  trusted: ClientOptions;
  /** May introspect, and is recognised by its certificate. */
  byCertificate: ClientOptions;
  /** The authority, and no credentials. */
  nobody: ClientOptions;
  /** A good token of the foreign issuer, with private claims; `issuer` makes it another's. */
  foreignToken: (issuer?: string) => string;
  foreignIssuer: string;
  /** A trusted issuer whose keys are out of reach. */
  unreachableIssuer: string;
  mine: Private;
};

/** The clients that the server must know: the second may exchange what the first has got. */
export const CLIENT = "storefront-client";
export const PARTNER = "fulfilment-client";

const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

/** How the calls that failed did so, by status and reason, and what they were told. */
export type Failures = { outcomes: Set<string>; texts: string[] };

export async function everyCall(setup: EveryCall): Promise<Failures> {
  const [failures, misplaced] = [noFailures(), noFailures()];
  const attempt = attempting(failures);
  const all = setup.server.client(setup.trusted);
  await issueAndIntrospect(setup, all, attempt);
  await introspectWithContext(setup, all, attempt);
  await rotateAndReuse(setup, all, attempt);
  await exchangeTokens(setup, all, attempt);
  await useForeignTokens(setup, all, attempt);
  await callAsNobody(setup, attempt);
  await sendUndecodable(setup, all, attempt);
  // An error repeats to the caller which client, scope or audience it named itself: those texts may hold what it sent.
  await misplace(setup, all, attempting(misplaced));
  await revokeByEverySelector(setup, all, attempt);
  await askAsVerifier(setup, all, attempt);
  return { texts: failures.texts, outcomes: new Set([...failures.outcomes, ...misplaced.outcomes]) };
}

/** One call of each kind that needs the store, to be made while there is none. */
export async function callsThatNeedTheStore(setup: EveryCall): Promise<(() => Promise<Failures>)[]> {
  const { server, trusted, mine } = setup;
  const all = server.client(trusted);
  const { access_token: opaque } = await all.issue({ mint: mintOf(mine, { format: "OPAQUE" }) });
  const { access_token: jwt, refresh_token: refresh = "" } = await all.issue({ mint: mintOf(mine, { refresh: true }) });
  const context = { client_ip: mine.clientIp, user_agent: mine.userAgent };
  const calls = [
    () => all.introspect({ token: opaque }),
    () => all.introspect({ token: jwt }),
    () => all.issue({ mint: mintOf(mine, { format: "OPAQUE" }) }),
    () => all.issue({ refresh: { refresh_token: refresh, client_id: CLIENT, context } }),
    () => all.revoke({ token: refresh, reason: mine.reason }),
    () => all.revoke({ subject: { sub: mine.subject }, reason: mine.reason }),
  ];
  return calls.map((call) => async () => {
    const failures = noFailures();
    await attempting(failures)(call());
    return failures;
  });
}

type Requests = Parameters<TestClient["issue"]>[0];
type Attempt = (call: Promise<unknown>) => Promise<void>;

function mintOf({ subject, nickname }: Private, more: MintInput): MintInput {
  const claims = { nickname, deep: { list: [nickname, { nickname }] } };
  const honest = { client_id: CLIENT, subject, audience: [API], scope: "read write", claims };
  return { ...honest, acr: nickname, amr: [nickname], ...more };
}

async function issueAndIntrospect({ mine }: EveryCall, all: TestClient, attempt: Attempt): Promise<void> {
  for (const format of ["JWT", "OPAQUE"] as const) {
    const issued = await all.issue({ mint: mintOf(mine, { format, refresh: true }) });
    const { access_token: token, refresh_token: refreshToken = "" } = issued;
    for (const known of [token, refreshToken]) {
      const answer = await all.introspect({ token: known });
      if (answer.sub !== mine.subject) throw new Error("a good token is not active");
    }
    await attempt(all.introspect({ token, audience: [ORDERS] }));
    await attempt(all.introspect({ token, required_scopes: ["delete"] }));
    await attempt(all.introspect({ token, audience: ["https://elsewhere.example"] }));
    await attempt(all.introspect({ token: altered(token) }));
    await attempt(all.introspect({ token: altered(refreshToken) }));
    const bound = await all.issue({
      mint: mintOf(mine, { format, cnf: { jkt: randomBytes(32).toString("base64url") } }),
    });
    await attempt(all.introspect({ token: bound.access_token }));
  }
  for (const wrong of [{ client_id: "nobody" }, { scope: "delete" }, { audience: ["https://elsewhere.example"] }]) {
    await attempt(all.issue({ mint: mintOf(mine, wrong) }));
  }
  await attempt(all.issue({ mint: mintOf(mine, { lifetime: { seconds: -1 }, claims: { sub: mine.subject } }) }));
}

/** As a resource server forwards whence its client came, of every kind of token and over every RPC. */
async function introspectWithContext({ mine, ...setup }: EveryCall, all: TestClient, attempt: Attempt): Promise<void> {
  const { access_token: live, refresh_token: refresh = "" } = await all.issue({
    mint: mintOf(mine, { refresh: true }),
  });
  const { access_token: dead } = await all.issue({ mint: mintOf(mine, { format: "OPAQUE" }) });
  await all.revoke({ token: dead, reason: mine.reason });
  const context = {
    client_ip: mine.clientIp,
    user_agent: mine.userAgent,
    http_method: "GET",
    http_uri: mine.httpUri,
  };
  const tokens = [live, dead, refresh, setup.foreignToken(), altered(live), altered(dead), "x", mine.nickname];
  const requests = tokens.map((token) => ({ token, context }));
  for (const request of requests) await attempt(all.introspect(request));
  await attempt(all.batchIntrospect(requests));
  const stream = all.introspectStream();
  for (const [id, request] of requests.entries()) await attempt(stream.ask(id, request));
  stream.half();
  await attempt(stream.ended);
}

/** A rotation, a retry from elsewhere, a replay that kills the family, and what is left of it. */
async function rotateAndReuse({ mine }: EveryCall, all: TestClient, attempt: Attempt): Promise<void> {
  const { refresh_token: first = "", access_token: token } = await all.issue({ mint: mintOf(mine, { refresh: true }) });
  const here = { client_ip: mine.clientIp, user_agent: mine.userAgent };
  const refresh = (refreshToken: string, more: Requests["refresh"] = {}) =>
    all.issue({ refresh: { refresh_token: refreshToken, client_id: CLIENT, context: here, ...more } });
  const { refresh_token: second = "" } = await refresh(first);
  await refresh(first, { context: { ...here, user_agent: `${mine.userAgent} elsewhere` } });
  const { refresh_token: third = "" } = await refresh(second);
  await attempt(refresh(third, { client_id: PARTNER }));
  await attempt(refresh(third, { scope: "read write delete" }));
  await attempt(refresh(third, { context: { client_ip: mine.subject, user_agent: mine.userAgent.repeat(50) } }));
  await attempt(refresh(first));
  await attempt(refresh(third));
  await attempt(all.introspect({ token }));
  await attempt(all.introspect({ token: third }));
}

async function exchangeTokens(setup: EveryCall, all: TestClient, attempt: Attempt): Promise<void> {
  const { access_token: subjectToken, refresh_token: refreshToken = "" } = await all.issue({
    mint: mintOf(setup.mine, { refresh: true, format: "OPAQUE" }),
  });
  const { access_token: actorToken } = await all.issue({
    mint: mintOf(setup.mine, { subject: `actor ${setup.mine.subject}` }),
  });
  const exchange = (more: Requests["exchange"]) =>
    all.issue({
      exchange: {
        client_id: PARTNER,
        subject_token: subjectToken,
        subject_token_type: ACCESS_TOKEN,
        audience: [ORDERS],
        ...more,
      },
    });
  const { access_token: exchanged } = await exchange({});
  await all.introspect({ token: exchanged });
  const { access_token: acted } = await exchange({ actor_token: actorToken, actor_token_type: ACCESS_TOKEN });
  await all.introspect({ token: acted });
  await attempt(exchange({ subject_token: refreshToken }));
  await attempt(exchange({ actor_token: refreshToken, actor_token_type: ACCESS_TOKEN }));
  await attempt(exchange({ actor_token: actorToken }));
  await attempt(exchange({ subject_token: setup.foreignToken() }));
}

async function useForeignTokens(setup: EveryCall, all: TestClient, attempt: Attempt): Promise<void> {
  const token = setup.foreignToken();
  const { sub } = await all.introspect({ token });
  if (sub !== setup.mine.subject) throw new Error("a good foreign token is not active");
  await attempt(all.introspect({ token: altered(token) }));
  await attempt(all.introspect({ token: setup.foreignToken("https://stranger.example") }));
  await attempt(all.introspect({ token: setup.foreignToken(setup.unreachableIssuer) }));
  await all.revoke({ token, reason: setup.mine.reason });
  await attempt(all.introspect({ token }));
}

/** Bytes that are no message, and a message that is too large. */
async function sendUndecodable({ mine, foreignToken }: EveryCall, all: TestClient, attempt: Attempt): Promise<void> {
  const bytes = Buffer.concat([Buffer.from([0xff]), all.encode("Issue", { mint: mintMessage(mintOf(mine, {})) })]);
  for (const method of ["Introspect", "Revoke", "Issue"] as const) {
    await attempt(all.raw(method, bytes));
    await attempt(all.raw(method, all.encode("Introspect", { token: foreignToken().repeat(1_000) })));
  }
}

/** Tokens and personal data where they do not belong. */
async function misplace({ mine, ...setup }: EveryCall, all: TestClient, attempt: Attempt): Promise<void> {
  const { access_token: token } = await all.issue({ mint: mintOf(mine, { format: "OPAQUE" }) });
  const foreign = setup.foreignToken();
  for (const text of [`${token} `, `Bearer ${token}`, `${foreign}=`, mine.nickname, `${token}${foreign}`]) {
    await attempt(all.introspect({ token: text }));
    await attempt(all.revoke({ token: text, reason: mine.reason }));
    await attempt(all.issue({ refresh: { refresh_token: text, client_id: text } }));
    await attempt(all.revoke({ token: "x", iss: text, reason: `${mine.reason}\n` }));
    await attempt(all.introspect({ token: "x", audience: [text], required_scopes: [text] }));
    await attempt(all.issue({ mint: mintOf(mine, { client_id: text, scope: text, audience: [text] }) }));
  }
  for (const name of ["x-request-id", "traceparent", "tracestate", "baggage", "user-agent"]) {
    const metadata = new Metadata();
    metadata.set(name, name === "tracestate" ? `vendor=${token}` : token);
    if (name === "tracestate") metadata.set("traceparent", `00-${"a1".repeat(16)}-${"b2".repeat(8)}-01`);
    await attempt(all.introspect({ token }, { metadata }));
  }
}

/** What is told here is for verifiers, and for nobody's log. */
async function askAsVerifier({ mine }: EveryCall, all: TestClient, attempt: Attempt): Promise<void> {
  const joined = await all.join();
  const { selector_key: selector, fingerprint_key: fingerprint, nonce_key: nonce } = joined;
  for (const key of [selector, fingerprint, nonce]) recordSecret({ kind: "a derived key", key });
  const issued = await all.issue({ mint: mintOf(mine, { format: "OPAQUE", refresh: true }) });
  for (const token of [issued.access_token, issued.refresh_token ?? ""]) {
    const { claims = "" } = await all.recognise({ token });
    if (!claims.includes(mine.subject)) throw new Error("a good token is not recognised");
    await attempt(all.recognise({ token: altered(token) }));
    await attempt(all.recognise({ token: ` ${token}` }));
    await attempt(all.watch({ after: token }).ended);
    await attempt(all.reportSignals([{ id: token, kind: token, caller: token, detail: token }]));
    await attempt(all.sync({ at_least_as_fresh: token }));
  }
  await attempt(all.rememberProof({ key: Buffer.from(issued.access_token) }));
  await attempt(all.countNetworks({ token: Buffer.from(issued.access_token) }));
  const watch = all.watch();
  await watch.proved();
  if (!watch.told().some(({ reason }) => reason === mine.reason)) throw new Error("what was revoked is not told");
  watch.cancel();
  const signals = all.watchSignals({ latest: 1_000 });
  await signals.begun();
  signals.cancel();
}

async function callAsNobody(setup: EveryCall, attempt: Attempt): Promise<void> {
  const { server, nobody, byCertificate, trusted, mine } = setup;
  const token = setup.foreignToken();
  await server.client(byCertificate).introspect({ token });
  await attempt(server.client(byCertificate).issue({ mint: mintOf(mine, {}) }));
  await attempt(
    server.client({ ...byCertificate, ...trusted, tls: byCertificate.tls ?? { ca: "" } }).introspect({ token }),
  );
  await attempt(server.client({ ...nobody, secret: makeCallerSecret() }).introspect({ token }));
  for (const authorization of [
    undefined,
    `Basic ${trusted.secret}`,
    `Bearer ${trusted.secret}x`,
    `${trusted.secret}`,
  ]) {
    const metadata = new Metadata();
    if (authorization !== undefined) metadata.set("authorization", authorization);
    await attempt(server.client(nobody).introspect({ token }, { metadata }));
  }
}

async function revokeByEverySelector(setup: EveryCall, all: TestClient, attempt: Attempt): Promise<void> {
  const { mine, foreignIssuer: iss } = setup;
  const { access_token: token, sid } = await all.issue({ mint: mintOf(mine, { refresh: true }) });
  const { jti = "" } = await all.introspect({ token });
  const { reason } = mine;
  const revocations = [
    { token_id: { jti }, reason },
    { sid, reason },
    { token, reason },
    { subject: { sub: mine.subject }, reason },
    { subject: { iss, sub: mine.subject }, born_at_or_before: Math.floor(Date.now() / 1_000), reason },
    { client_id: CLIENT, reason },
    { key_id: "idp", iss, reason },
    { issuer: iss, reason },
  ];
  for (const revocation of revocations) {
    const { revision } = await all.revoke(revocation);
    if (revision === undefined) throw new Error("a revocation was not acknowledged");
    await attempt(all.introspect({ token }));
  }
  await attempt(all.introspect({ token: setup.foreignToken() }));
  await attempt(all.revoke({ subject: { sub: mine.subject }, born_at_or_before: 32_503_680_000, reason }));
  await attempt(setup.server.client(setup.byCertificate).revoke({ token, reason }));
}

/** The last character but one, so that only a checksum or a signature can tell. */
function altered(token: string): string {
  const at = token.length - 2;
  return token.slice(0, at) + (token.at(at) === "A" ? "B" : "A") + token.slice(at + 1);
}

function noFailures(): Failures {
  return { outcomes: new Set(), texts: [] };
}

/** The call may succeed or fail. */
function attempting({ outcomes, texts }: Failures): Attempt {
  return async (call) => {
    const error: unknown = await call.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error === undefined) return;
    if (!(error instanceof CallError)) throw new Error("the call did not fail as a call", { cause: error });
    const { code, reason, details, info, fields, metadata } = error;
    outcomes.add(reason ?? code);
    texts.push(JSON.stringify({ details, info, fields, metadata: metadata.toJSON() }));
  };
}

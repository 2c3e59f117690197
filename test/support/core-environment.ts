/** A core with a real SQLite store, real keys and a clock that the test moves. Signals are collected. */
import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK } from "jose";
import { onTestFinished } from "vitest";
import { unannotated } from "../../src/core/annotate.ts";
import { bindCaller, type CallerTerms } from "../../src/core/bind-caller.ts";
import { type Caller, type Permission, PERMISSIONS, type Reach } from "../../src/core/caller.ts";
import type { Authority, ClientPolicy, TrustedIssuer } from "../../src/core/environment.ts";
import { gate } from "../../src/core/gate.ts";
import type { AuditEvent } from "../../src/core/audit.ts";
import { deriveKeys } from "../../src/core/derived-keys.ts";
import type { SecurityEvent } from "../../src/core/events/security-event.ts";
import type { IssuerKeys, RotationEnd } from "../../src/core/ports.ts";
import { recogniseFrom } from "../../src/core/recognise-own.ts";
import { refusedTokens } from "../../src/core/refused-tokens.ts";
import { rememberedTokens } from "../../src/core/remembered/remembered-tokens.ts";
import { openRevocations } from "../../src/core/revocations/revocations.ts";
import { sharedWork } from "../../src/core/shared-work.ts";
import type { Act } from "../../src/core/signals/actions.ts";
import { openDetectors } from "../../src/core/signals/detectors.ts";
import { DEFAULT_RULES } from "../../src/core/signals/rules.ts";
import { signalFeed } from "../../src/core/signals/signal-feed.ts";
import type { Finding } from "../../src/core/signals/signal.ts";
import { OUR_NAMES } from "../../src/core/token/claim-names.ts";
import { parseForeignKeySet } from "../../src/keys/foreign-key-set.ts";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";
import { recordJwk, recordMasterKey } from "./leaks/record-files.ts";
import { recordEmitted, recordSecret } from "./leaks/record.ts";
import { type AtEnd, temporaryDirectory } from "./temporary-directory.ts";

export const ISSUER = "https://assay.example";
export const FOREIGN = "https://idp.example";
export const API = "https://api.example";
export const ORDERS = "https://orders.example";
export const START = Date.UTC(2026, 0, 1);

const DAY = 86_400;

export type TestCore = {
  environment: Authority;
  signals: Finding[];
  /** What was to be revoked by itself. */
  acts: Act[];
  /** What became of the refresh tokens that were presented. */
  rotations: RotationEnd[];
  /** What the audit trail was told, in its order. */
  audits: AuditEvent[];
  /** What receivers of security events are told, in its order. */
  events: SecurityEvent[];
  /** Milliseconds since the epoch; moves only when told. */
  now(): number;
  advance(seconds: number): void;
  /** The foreign issuer's private key: its public part is trusted under the kid `foreign`. */
  foreignKey: CryptoKey;
};

/** Gone when the test has finished, or at another end: a core that many tests only look at need not be opened for each. */
export async function openTestCore(atEnd: AtEnd = onTestFinished): Promise<TestCore> {
  const directory = await temporaryDirectory(atEnd);
  const masterKey = randomBytes(32);
  const keys = deriveKeys(masterKey);
  let now = START;
  const clock = { now: () => now };
  const store = await openSqliteStore({
    path: join(directory, "assay.db"),
    greatestLifetimeMs: 31 * DAY * 1_000,
    // However busy the machine is with other tests.
    timeoutMs: 10_000,
    clock,
  });
  const revocations = openRevocations({ store: store.revocations, maxStalenessMs: 1_000, capacity: 1_000_000 });
  atEnd(async () => {
    await revocations.close();
    await store.close();
  });
  const signing = await generateKeyPair("EdDSA", { extractable: true });
  const foreign = await generateKeyPair("ES256", { extractable: true });
  const mac = { id: 7, key: randomBytes(32) };
  const macKeys = { active: () => mac, byId: async (id: number) => (id === mac.id ? mac.key : undefined) };
  const signals: Finding[] = [];
  const acts: Act[] = [];
  const rotations: RotationEnd[] = [];
  const audits: AuditEvent[] = [];
  const events: SecurityEvent[] = [];
  recordMasterKey(masterKey);
  recordSecret({ kind: "a MAC key", key: mac.key });
  for (const { privateKey } of [signing, foreign]) recordJwk("a signing key", await exportJWK(privateKey));
  atEnd(async () => recordEmitted("signals", JSON.stringify([...signals, ...audits])));
  const environment: Authority = {
    issuer: ISSUER,
    leeway: 10,
    accessMaxLifetime: 3_600,
    fingerprintPeriod: 0,
    dpop: { maxAge: 60, requireNonce: false },
    clients: new Map(
      [clientPolicy("web", {}), clientPolicy("orders", { subjectAudiences: new Set([API]) })].map((policy) => [
        policy.clientId,
        policy,
      ]),
    ),
    issuers: new Map([
      [
        FOREIGN,
        trustedIssuer({
          find: async ({ kid }) => (kid === "foreign" ? { key: foreign.publicKey, kid, in: foreign } : undefined),
          inUse: () => foreign,
          askedAt: () => performance.now(),
        }),
      ],
    ]),
    keys,
    keyring: {
      active: () => ({ kid: "own", alg: "EdDSA", privateKey: signing.privateKey }),
      verificationKey: async (kid) =>
        kid === "own" ? { alg: "EdDSA", publicKey: signing.publicKey, in: signing } : undefined,
      inUse: () => signing,
      published: () => ({ jwks: { keys: [] }, cacheableForMs: 0 }),
      readAnew: async () => undefined,
      takeOver: async () => undefined,
    },
    macKeys,
    store,
    revocations,
    recogniseOwn: (asking, token) => recogniseFrom(core.environment)(asking, token),
    refusedTokens: refusedTokens(),
    firstSights: sharedWork(),
    rememberedTokens: rememberedTokens(10_000_000),
    describe: ({ kind, claims }) => Buffer.from(JSON.stringify({ kind, claims })),
    signatureChecks: gate({ atOnce: 8, waiting: 1_000 }),
    signals: {
      emit: (finding) => {
        signals.push(finding);
        return { ...finding, id: randomUUID(), at: now };
      },
      pass: () => undefined,
    },
    detectors: openDetectors({ rules: DEFAULT_RULES, keys }),
    actions: new Map(),
    takeAction: (act) => acts.push(act),
    signalFeed: signalFeed(),
    isTrailKept: () => true,
    audit: { tell: (event) => audits.push(event()) },
    securityEvents: { tell: (event) => events.push(event()) },
    annotate: unannotated,
    trace: (_name, _attributes, work) => work(),
    countRotation: (end) => rotations.push(end),
  };
  const core: TestCore = {
    environment,
    signals,
    acts,
    rotations,
    audits,
    events,
    now: () => now,
    advance: (seconds) => {
      now += Math.round(seconds * 1_000);
    },
    foreignKey: foreign.privateKey,
  };
  return core;
}

type CallerChanges = Partial<Omit<CallerTerms, "permissions">> & {
  permissions?: ReadonlySet<Permission>;
  /** What narrows a permission. */
  narrower?: Partial<Record<Permission, Partial<Reach>>>;
};

export function caller({ permissions = new Set(PERMISSIONS), narrower = {}, ...changes }: CallerChanges = {}): Caller {
  return bindCaller({
    name: "test",
    audiences: new Set([API, ORDERS]),
    clients: "all",
    ...changes,
    permissions: [...permissions].map((permission) => [permission, narrower[permission] ?? {}]),
  });
}

/** A caller with every permission but one. */
export function callerWithout(permission: Permission): Caller {
  return caller({ permissions: new Set(PERMISSIONS.filter((name) => name !== permission)) });
}

export function clientPolicy(clientId: string, changes: Partial<ClientPolicy>): ClientPolicy {
  return {
    clientId,
    isPublic: false,
    scopes: new Set(["read", "write"]),
    audiences: new Set([API, ORDERS]),
    formats: ["jwt", "opaque"],
    grants: new Set(["mint", "refresh", "exchange"]),
    subjectAudiences: new Set(),
    accessLifetime: 900,
    accessMaxLifetime: 3_600,
    refreshIdleLifetime: 7 * DAY,
    refreshAbsoluteLifetime: 30 * DAY,
    refreshGrace: 10,
    ...changes,
  };
}

function trustedIssuer(keys: IssuerKeys): TrustedIssuer {
  return {
    issuer: FOREIGN,
    algorithms: new Set(["ES256"]),
    types: new Set(["at+jwt"]),
    allowMissingType: false,
    requiredClaims: [],
    claimNames: OUR_NAMES,
    audiences: new Set([API]),
    maxLifetime: 3_600,
    leeway: 10,
    keys,
  };
}

/** The keys of an issuer that publishes these, found through the key set that a start would use. */
export function fixedKeys(keys: JWK[]): IssuerKeys {
  const set = parseForeignKeySet({ keys });
  return {
    find: async (header) => {
      const found = await set.find(header);
      return found && { ...found, in: set };
    },
    inUse: () => set,
    askedAt: () => performance.now(),
  };
}

/** As when the operator has changed the configuration and restarted. */
export function changePolicy(core: TestCore, clientId: string, changes: Partial<ClientPolicy>): void {
  const { clients } = core.environment;
  const policy = clients.get(clientId) ?? clientPolicy(clientId, {});
  core.environment.clients = new Map([...clients, [clientId, { ...policy, ...changes }]]);
}

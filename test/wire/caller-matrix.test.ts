/**
 * Who may do what: every RPC of the contract × every permission × each way of limiting it × own and foreign audience × own and
 * foreign client. A permission that only adds to another (`diagnose`, `admin`) is tried beside that one.
 */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Permission, PERMISSIONS } from "../../src/core/caller.ts";
import { validate } from "../../src/config/validate.ts";
import { CallError } from "../support/call-error.ts";
import type { TestClient } from "../support/client.ts";
import { methodNames } from "../support/contract.ts";
import type { Introspected } from "../support/introspected.ts";
import { ISSUER, startServerForFile, testCaller, type TestServer } from "../support/server.ts";
import { AUDIENCES, CLIENTS, type Way, waysOf } from "./ways-of-limiting.ts";

type Case = { audience: "own" | "foreign"; client: "own" | "foreign" };
type Row = {
  rpc: string;
  /** What the RPC needs; undefined for every recognised caller. */
  needs: Permission | undefined;
  /** What adds to it. The limits are those of this one, and `needs` reaches everything. */
  adds?: Permission;
  /** Calls it about a token, an audience and a client; resolves to what happened. */
  call(client: TestClient, about: Case, token: string): Promise<string>;
  /** What happens within the limits, and beyond the audience or the client. */
  within: string;
  beyond: { audience: string; client: string };
  /** What happens without the permission. */
  without: string;
};

const SIDES = ["own", "foreign"] as const;
const CASES = SIDES.flatMap((audience) => SIDES.map((client): Case => ({ audience, client })));

const ROWS: readonly Row[] = [
  {
    rpc: "Introspect",
    needs: "introspect",
    call: async (client, _about, token) =>
      (await client.introspect({ token })).active === true ? "active" : "inactive",
    within: "active",
    beyond: { audience: "inactive", client: "inactive" },
    without: "PERMISSION_MISSING",
  },
  {
    rpc: "BatchIntrospect",
    needs: "introspect",
    call: async (client, _about, token) =>
      (await client.batchIntrospect([{ token }])).responses[0]?.active === true ? "active" : "inactive",
    within: "active",
    beyond: { audience: "inactive", client: "inactive" },
    without: "PERMISSION_MISSING",
  },
  {
    rpc: "IntrospectStream",
    needs: "introspect",
    call: async (client, _about, token) => ((await askOnStream(client, token)).active === true ? "active" : "inactive"),
    within: "active",
    beyond: { audience: "inactive", client: "inactive" },
    without: "PERMISSION_MISSING",
  },
  {
    rpc: "Introspect",
    needs: "introspect",
    adds: "diagnose",
    call: async (client, _about, token) =>
      (await client.introspect({ token, required_scopes: ["admin"] })).inactive_reason === undefined
        ? "untold"
        : "told",
    within: "told",
    beyond: { audience: "untold", client: "untold" },
    without: "untold",
  },
  {
    rpc: "Revoke",
    needs: "revoke",
    call: (client, _about, token) => done(client.revoke({ token })),
    within: "OK",
    beyond: { audience: "AUDIENCE_NOT_ALLOWED", client: "CLIENT_NOT_ALLOWED" },
    without: "PERMISSION_MISSING",
  },
  {
    rpc: "Revoke",
    needs: "revoke",
    adds: "admin",
    call: (client, about) => done(client.revoke({ client_id: CLIENTS[about.client] })),
    within: "OK",
    beyond: { audience: "OK", client: "CLIENT_NOT_ALLOWED" },
    without: "PERMISSION_MISSING",
  },
  {
    rpc: "Issue",
    needs: "issue",
    call: (client, about) => done(client.issue({ mint: mintFor(about) })),
    within: "OK",
    beyond: { audience: "AUDIENCE_NOT_ALLOWED", client: "CLIENT_NOT_ALLOWED" },
    without: "PERMISSION_MISSING",
  },
  {
    rpc: "WatchRevocations",
    needs: "watch",
    call: (client) => done(beginToWatch(client)),
    within: "OK",
    beyond: { audience: "OK", client: "OK" },
    without: "PERMISSION_MISSING",
  },
  {
    rpc: "WatchSignals",
    needs: "watch",
    call: (client) => done(beginToWatchSignals(client)),
    within: "OK",
    beyond: { audience: "OK", client: "OK" },
    without: "PERMISSION_MISSING",
  },
  ...(["Join", "Sync", "RememberProof", "CountNetworks", "ReportSignals"] as const).flatMap((rpc) => [
    rowForVerifiers(rpc, { needs: "watch", adds: "introspect" }),
    rowForVerifiers(rpc, { needs: "introspect", adds: "watch" }),
  ]),
  {
    rpc: "Recognise",
    needs: "watch",
    adds: "introspect",
    call: async (client, about) => {
      const { access_token: token } = await issuing.issue({ mint: { ...mintFor(about), format: "OPAQUE" } });
      return (await client.recognise({ token })).claims === undefined ? "unknown" : "recognised";
    },
    within: "recognised",
    beyond: { audience: "unknown", client: "unknown" },
    without: "PERMISSION_MISSING",
  },
  {
    rpc: "GetJwks",
    needs: undefined,
    call: (client) => done(client.getJwks()),
    within: "OK",
    beyond: { audience: "OK", client: "OK" },
    without: "OK",
  },
];

/** A caller that has, of what the row judges, one permission limited in one way. */
type Trial = { row: Row; permission: Permission; way: Way; entry: CallerEntry; secret: string };
type CallerEntry = ReturnType<typeof testCaller>["entry"];

const TRIALS = ROWS.flatMap((row, index) =>
  PERMISSIONS.flatMap((permission) =>
    waysOf(permission)
      .filter(({ isAllowed }) => isAllowed)
      .map((way): Trial => ({ row, permission, way, ...trialCaller(row, permission, way, index) })),
  ),
);

const clients = Object.values(CLIENTS).map((client_id) => ({ client_id, audiences: Object.values(AUDIENCES) }));
const issuer = testCaller({ name: "issuer", permissions: ["issue"], clients: ["*"] });

let server: TestServer;
let issuing: TestClient;
beforeAll(async () => {
  const callers = [issuer, ...TRIALS].map(({ entry }) => entry);
  server = await startServerForFile({ development: false, clients, callers });
  issuing = server.client({ secret: issuer.secret });
});
afterAll(() => server.stop());

test("every RPC of the contract has a row", () => {
  expect([...new Set(ROWS.map(({ rpc }) => rpc))].toSorted()).toEqual(methodNames().toSorted());
});

test("every permission is judged by a row", () => {
  const judged = ROWS.map(judgedBy).filter((permission) => permission !== undefined);
  expect([...new Set(judged)].toSorted()).toEqual(PERMISSIONS.toSorted());
});

describe.each(PERMISSIONS)("%s", (permission) => {
  test.each(waysOf(permission))("may be limited $way: $isAllowed", ({ lists, entry, isAllowed }) => {
    const { entry: caller } = testCaller({ name: "limited", permissions: [entry], ...lists });
    const { mistakes } = validate({ issuer: ISSUER, clients, callers: [caller] }, import.meta.dirname);
    expect(mistakes.length === 0).toBe(isAllowed);
  });
});

describe.each(ROWS.map((row) => ({ title: titleOf(row), row })))("$title", ({ row }) => {
  const trials = TRIALS.filter((trial) => trial.row === row);

  describe.each(trials)("by a caller with $permission, limited $way.way", ({ permission, way, secret }) => {
    let client: TestClient;
    beforeAll(() => {
      client = server.client({ secret });
    });

    test.each(CASES)("for its $audience audience and its $client client", async (about) => {
      const { access_token: token } = await issuing.issue({ mint: mintFor(about) });
      expect(await outcome(row.call(client, about, token))).toBe(expected(row, permission, way, about));
    });
  });

  test("by nobody", async () => {
    const about: Case = { audience: "own", client: "own" };
    await expect(row.call(server.client(), about, "x")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });
});

function expected(row: Row, permission: Permission, { limited }: Way, about: Case): string {
  const judged = judgedBy(row);
  if (judged === undefined) return row.within;
  if (permission !== judged) return row.without;
  if (limited.clients && about.client === "foreign") return row.beyond.client;
  return limited.audiences && about.audience === "foreign" ? row.beyond.audience : row.within;
}

function judgedBy({ needs, adds }: Row): Permission | undefined {
  return adds ?? needs;
}

/** What is no matter of audiences and clients. */
function rowForVerifiers(
  rpc: "Join" | "Sync" | "RememberProof" | "CountNetworks" | "ReportSignals",
  permissions: { needs: Permission; adds: Permission },
): Row {
  const call = (client: TestClient): Promise<string> => {
    if (rpc === "Join") return done(client.join());
    if (rpc === "Sync") return done(client.sync());
    if (rpc === "CountNetworks")
      return done(client.countNetworks({ token: randomBytes(16), network: randomBytes(16), window: { seconds: 60 } }));
    if (rpc === "ReportSignals") return done(client.reportSignals([]));
    return done(client.rememberProof({ key: randomBytes(16), expires_at_ms: Date.now() + 60_000 }));
  };
  return {
    rpc,
    ...permissions,
    call,
    within: "OK",
    beyond: { audience: "OK", client: "OK" },
    without: "PERMISSION_MISSING",
  };
}

async function askOnStream(client: TestClient, token: string): Promise<Introspected> {
  const stream = client.introspectStream();
  const answer = await stream.ask(1, { token });
  stream.half();
  await stream.ended;
  return answer;
}

/** As long as it takes to be let in, or refused. */
async function beginToWatch(client: TestClient): Promise<void> {
  const watch = client.watch();
  await Promise.race([watch.ended, watch.proved()]);
  watch.cancel();
}

async function beginToWatchSignals(client: TestClient): Promise<void> {
  const watch = client.watchSignals();
  await watch.begun();
  watch.cancel();
}

function titleOf({ rpc, adds }: Row): string {
  return adds === undefined ? rpc : `${rpc} with ${adds}`;
}

/** Where the row judges what adds to a permission, the caller has that permission besides, without limits of its own. */
function trialCaller(row: Row, permission: Permission, { way, lists, entry }: Way, index: number) {
  const base = row.adds === undefined || row.needs === undefined || row.needs === permission ? [] : [row.needs];
  return testCaller({ name: `${index} ${permission} ${way}`, permissions: [...base, entry], ...lists });
}

function mintFor({ audience, client }: Case) {
  return { client_id: CLIENTS[client], subject: "alice", audience: [AUDIENCES[audience]] };
}

async function done(work: Promise<unknown>): Promise<string> {
  await work;
  return "OK";
}

async function outcome(work: Promise<string>): Promise<string> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof CallError && error.code === "PERMISSION_DENIED") return String(error.reason);
    throw error;
  }
}

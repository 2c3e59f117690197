/** Who may do what: every RPC of the contract × every permission × own and foreign audience × own and foreign client. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PERMISSIONS, type Permission } from "../../src/core/caller.ts";
import { CallError } from "../support/call-error.ts";
import type { TestClient } from "../support/client.ts";
import { methodNames } from "../support/contract.ts";
import { API, ORDERS, startServerForFile, testCaller, type TestServer } from "../support/server.ts";

type Case = { audience: "own" | "foreign"; client: "own" | "foreign" };
type Row = {
  /** Which permission the RPC needs; undefined for every recognised caller. */
  needs: Permission | undefined;
  /** Calls it about a token, an audience and a client; resolves to what happened. */
  call(client: TestClient, about: Case, token: string): Promise<string>;
  /** What a caller with the permission is told. */
  expected(about: Case): string;
};

const AUDIENCES = { own: API, foreign: ORDERS };
const CLIENTS = { own: "web", foreign: "orders" };
const CASES = (["own", "foreign"] as const).flatMap((audience) =>
  (["own", "foreign"] as const).map((client): Case => ({ audience, client })),
);

const ROWS: Readonly<Record<string, Row>> = {
  Introspect: {
    needs: "introspect",
    call: async (client, _about, token) =>
      (await client.introspect({ token })).active === true ? "active" : "inactive",
    expected: ({ audience }) => (audience === "own" ? "active" : "inactive"),
  },
  Revoke: {
    needs: "revoke",
    call: async (client, _about, token) => {
      await client.revoke({ token });
      return "OK";
    },
    expected: ({ client }) => (client === "own" ? "OK" : "CLIENT_NOT_ALLOWED"),
  },
  Issue: {
    needs: "issue",
    call: async (client, about) => {
      await client.issue({ mint: mintFor(about) });
      return "OK";
    },
    expected: ({ client }) => (client === "own" ? "OK" : "CLIENT_NOT_ALLOWED"),
  },
  GetJwks: {
    needs: undefined,
    call: async (client) => {
      await client.getJwks();
      return "OK";
    },
    expected: () => "OK",
  },
};

const issuer = testCaller({ name: "issuer", permissions: ["issue"], clients: ["*"] });
const callers = new Map(
  PERMISSIONS.map((permission) => [
    permission,
    testCaller({ name: permission, permissions: [permission], audiences: [API], clients: ["web"] }),
  ]),
);

let server: TestServer;
beforeAll(async () => {
  const entries = [issuer, ...callers.values()].map(({ entry }) => entry);
  const clients = Object.values(CLIENTS).map((client_id) => ({ client_id, audiences: Object.values(AUDIENCES) }));
  server = await startServerForFile({ development: false, clients, callers: entries });
});
afterAll(() => server.stop());

function mintFor({ audience, client }: Case) {
  return { client_id: CLIENTS[client], subject: "alice", audience: [AUDIENCES[audience]] };
}

async function outcome(work: Promise<string>): Promise<string> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof CallError && error.code === "PERMISSION_DENIED") return String(error.reason);
    throw error;
  }
}

test("every RPC of the contract has a row", () => {
  expect(Object.keys(ROWS).toSorted()).toEqual(methodNames().toSorted());
});

describe.each(Object.entries(ROWS))("%s", (_name, row) => {
  describe.each([...callers])("by a caller that may only %s", (permission, { secret }) => {
    const isAllowed = row.needs === undefined || row.needs === permission;

    test.each(CASES)("for its $audience audience and its $client client", async (about) => {
      const { access_token: token } = await server.client({ secret: issuer.secret }).issue({ mint: mintFor(about) });
      const answer = await outcome(row.call(server.client({ secret }), about, token));
      expect(answer).toBe(isAllowed ? row.expected(about) : "PERMISSION_MISSING");
    });
  });

  test("by nobody", async () => {
    const about: Case = { audience: "own", client: "own" };
    await expect(row.call(server.client(), about, "x")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });
});

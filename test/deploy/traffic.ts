/**
 * What makes traffic of every kind that dashboards and alerts tell of: honest use, misuse, faults. A kind of signal, outcome or metric that is
 * new is brought about here, in a function of its own that `round` calls.
 */
import type { ConfigInput } from "../../src/config/schema.ts";
import { type EventReceiver, refusing, tellTo } from "../support/event-receiver.ts";
import { failureOf } from "../support/failure-of.ts";
import type { ClientOptions, TestClient } from "../support/client.ts";
import type { ForeignIssuer } from "../support/foreign-issuer.ts";
import type { RedisServer } from "../support/redis-server.ts";
import { API, ORDERS, testCaller } from "../support/server.ts";
import { until } from "../support/until.ts";
import { unreachableIssuer, unverifiableToken } from "../wire/unreachable-issuer.ts";

export type Setting = {
  client: TestClient;
  /** With a connection of its own. */
  connect: (options?: ClientOptions) => TestClient;
  idp: ForeignIssuer;
  redis: RedisServer;
  receiver: EventReceiver;
};

const CLIENT = { client_id: "web", audience: [API] };
const limited = testCaller({ name: "limited", permissions: ["introspect"], audiences: [API], calls_per_second: 1 });

/** What is to be configured for it. */
export function configurationFor({
  idp,
  redis,
  receiver,
}: Pick<Setting, "idp" | "redis" | "receiver">): Partial<ConfigInput> {
  const keys = { cool_down: "1s", allow_private_addresses: true };
  return {
    development: true,
    issuer: "https://assay.example",
    store: redis.url,
    clients: [{ client_id: "web", scopes: ["read", "write"], audiences: [API, ORDERS] }],
    callers: [limited.entry],
    events: tellTo(receiver),
    issuers: [
      {
        issuer: idp.issuer,
        discovery: true,
        allow_http_loopback: true,
        algorithms: ["ES256"],
        audiences: [API],
        keys,
      },
      { ...unreachableIssuer, keys },
    ],
  };
}

/** Once all of it. */
export async function round(setting: Setting): Promise<void> {
  const { client } = setting;
  await until("it answers", () => client.introspect({ token: "who knows" }).catch(() => undefined));
  await honestUse(client);
  await tokensThatAreNotGood(client);
  await foreignTokens(client, setting.idp);
  await refreshes(client);
  await revocations(client);
  await eventThatIsRefused(client, setting.receiver);
  await callersThatAreRefused(setting);
  await storeThatDoesNotAnswer(client, setting.redis);
}

async function honestUse(client: TestClient): Promise<void> {
  for (const format of ["JWT", "OPAQUE"] as const) {
    const { access_token: token } = await client.issue({
      mint: { ...CLIENT, subject: "alice", scope: "read", format },
    });
    for (let time = 0; time < 3; time++) await client.introspect({ token });
    await client.batchIntrospect([{ token }, { token, audience: [API] }]);
  }
  await client.getJwks();
}

async function tokensThatAreNotGood(client: TestClient): Promise<void> {
  const { access_token: token } = await client.issue({ mint: { ...CLIENT, subject: "bob", scope: "read" } });
  await client.introspect({ token, audience: [ORDERS] });
  await client.introspect({ token, required_scopes: ["write"] });
  await client.introspect({ token: token.replace(/\.[^.]*$/, `.${"A".repeat(86)}`) });
  await client.introspect({ token: "Bearer undefined" });
}

/** Of an issuer that changes its keys, and of one that cannot be reached. */
async function foreignTokens(client: TestClient, idp: ForeignIssuer): Promise<void> {
  await idp.rotateKeys();
  const token = await idp.token({ audience: API });
  await until("its key is known", async () => (await client.introspect({ token })).active || undefined);
  await failureOf(client.introspect({ token: unverifiableToken() }));
}

/** Rotated, retried, and used again: the family dies. */
async function refreshes(client: TestClient): Promise<void> {
  const { refresh_token: first = "" } = await client.issue({ mint: { ...CLIENT, subject: "carol", refresh: true } });
  const refresh = (token: string) => client.issue({ refresh: { refresh_token: token, client_id: "web" } });
  const { refresh_token: second = "", access_token: token } = await refresh(first);
  await refresh(first);
  await refresh(second);
  await failureOf(refresh(first));
  await failureOf(refresh(second));
  await client.introspect({ token });
}

async function revocations(client: TestClient): Promise<void> {
  const { access_token: token, sid } = await client.issue({ mint: { ...CLIENT, subject: "dave", refresh: true } });
  await client.revoke({ token });
  await client.introspect({ token });
  await client.revoke({ sid });
  await client.revoke({ subject: { sub: "erin" } });
}

async function eventThatIsRefused(client: TestClient, receiver: EventReceiver): Promise<void> {
  receiver.next.push(refusing("invalid_request"));
  await client.revoke({ subject: { sub: "grace" } });
}

async function callersThatAreRefused({ connect }: Setting): Promise<void> {
  await failureOf(connect({ secret: `${limited.secret}x` }).introspect({ token: "x" }));
  const hurried = connect({ secret: limited.secret });
  await Promise.allSettled([1, 2, 3, 4].map(() => hurried.introspect({ token: "x" })));
}

async function storeThatDoesNotAnswer(client: TestClient, redis: RedisServer): Promise<void> {
  redis.pause();
  const failed = await failureOf(client.revoke({ subject: { sub: "frank" } })).finally(() => redis.resume());
  if (failed === undefined) throw new Error("a store that stands still has answered");
}

import { randomUUID } from "node:crypto";
import type { Signal } from "../../src/core/signals/signal.ts";
import type { TestClient } from "./client.ts";
import { failureOf } from "./failure-of.ts";

/** A signal as a detector would find it. */
export function aSignal(changes: Partial<Signal> = {}): Signal {
  return {
    id: randomUUID(),
    at: Date.now(),
    kind: "token_velocity",
    severity: "warning",
    caller: "api",
    clientId: "web",
    count: 200,
    windowMs: 60_000,
    tokenFingerprint: "0123456789abcdef",
    ...changes,
  };
}

/** As the stream of a Redis holds it. */
export function asEntry(signal: object): string[] {
  return ["s", JSON.stringify(signal)];
}

/** A refresh token is stolen and used: a critical signal. */
export async function reuseRefreshToken(
  client: TestClient,
  audience: string,
  clientId = "web",
): Promise<{ sid: string }> {
  const mint = { client_id: clientId, subject: "alice", audience: [audience], refresh: true };
  const { refresh_token: first = "", sid } = await client.issue({ mint });
  const rotate = (token: string) => client.issue({ refresh: { client_id: clientId, refresh_token: token } });
  const { refresh_token: second = "" } = await rotate(first);
  await rotate(second);
  await failureOf(rotate(first));
  return { sid };
}

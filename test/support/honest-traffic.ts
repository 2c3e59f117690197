import { setTimeout as delay } from "node:timers/promises";
import type { MintInput, TestClient } from "./client.ts";

/** What is asked for besides: who it is for, and another who is not meant. */
export type TrafficOf = { client: TestClient; mint: MintInput; otherAudience: string };

/** Asks until it is over: about live tokens mostly, about some that were revoked, are for others, or are none. It comes in waves. */
export async function honestTraffic({ client, mint, otherAudience }: TrafficOf, over: AbortSignal): Promise<void> {
  const sign = (subject: string) => client.issue({ mint: { ...mint, subject, refresh: true } });
  const live = await Promise.all(["alice", "bob", "carol", "dave"].map(sign));
  const left = await sign("erin");
  await client.revoke({ sid: left.sid, reason: "log-out" });
  for (let tick = 0; !over.aborted; tick++) {
    const many = 14 + Math.round(8 * Math.sin(tick / 60) + 3 * Math.sin(tick / 9));
    const asked = Array.from({ length: many }, (_, index) => {
      const number = tick * 31 + index * 7;
      const audience = number % 29 === 0 ? [otherAudience] : (mint.audience ?? []);
      if (tick % 100 === 50 && index === 0) return client.introspect({ token: left.access_token, audience });
      const token = number % 37 === 0 ? "not a token" : (live[number % live.length]?.access_token ?? "");
      return client.introspect({ token, audience });
    });
    if (tick % 7 === 0) await sign("frank");
    await Promise.all(asked);
    await delay(100);
  }
}

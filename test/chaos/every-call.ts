/** Each kind of call that needs the store, at each instance: for what comes of it while the store does not answer. */
import { randomBytes } from "node:crypto";
import { encodeOpaqueToken } from "../../src/core/token/opaque-token.ts";
import { until } from "../support/until.ts";
import type { History } from "./history.ts";
import { type Callable, type RecordedCalls, recordedCalls, type Tokens } from "./recorded-calls.ts";

/** What they are asked about is made now, and elsewhere where it is to be new. @returns asks all at once */
export async function everyCall(instances: readonly Callable[], history: History): Promise<() => Promise<void>> {
  const calls = recordedCalls(history, "everything");
  const ready = await Promise.all(
    instances.map((at, place) => callsAt(at, instances[(place + 1) % instances.length] ?? at, calls)),
  );
  return async () => void (await Promise.all(ready.map((ask) => ask())));
}

async function callsAt(at: Callable, elsewhere: Callable, calls: RecordedCalls): Promise<() => Promise<unknown>> {
  const [jwt, opaque] = [await minted(at, "JWT", calls), await minted(at, "OPAQUE", calls)];
  for (const { access } of [jwt, opaque]) await calls.introspect(at, access);
  const [newJwt, newOpaque] = [await minted(elsewhere, "JWT", calls), await minted(elsewhere, "OPAQUE", calls)];
  const absent = encodeOpaqueToken(randomBytes(32));
  const asked = [jwt.access, opaque.access, newJwt.access, newOpaque.access, absent, newJwt.refresh];
  return () =>
    Promise.all([
      ...asked.map((token) => calls.introspect(at, token)),
      calls.revoke(at, { by: "token", token: newOpaque.access }),
      calls.revoke(at, { by: "sid", sid: newOpaque.sid }),
      calls.revoke(at, { by: "subject", subject: newOpaque.subject }),
      calls.mint(at, "nobody", "JWT"),
      calls.mint(at, "nobody", "OPAQUE"),
      calls.refresh(at, jwt),
    ]);
}

async function minted(at: Callable, format: "JWT" | "OPAQUE", calls: RecordedCalls): Promise<Tokens> {
  const subject = `everything-${performance.now()}`;
  return until("a token is minted", async () => (await calls.mint(at, subject, format)).value);
}

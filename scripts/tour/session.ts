import type { Serve } from "./processes.ts";
import { AUDIENCE, isActive, isInactive, refresh, runStep, type Step, textOf } from "./steps.ts";

/** Issue, introspect, refresh, replay and revoke; what is revoked at the first server is inactive at the last. */
export async function session(all: readonly Serve[]): Promise<void> {
  const first = all[0];
  const last = all.at(-1);
  if (first === undefined || last === undefined) throw new Error("no server");
  const run = ({ at = first, ...step }: Step & { at?: Serve }) => runStep(step, at);
  const issue = ["issue", "--client", "dev", "--subject", "alice", "--audience", AUDIENCE, "--scope", "read write"];

  const jwt = await run({ says: "Issue a JWT, with a refresh token", args: [...issue, "--refresh"], expectCode: 0 });
  const opaque = await run({ says: "Issue an opaque token", args: [...issue, "--format", "opaque"], expectCode: 0 });
  const jwtToken = textOf(jwt, "access_token");
  const opaqueToken = textOf(opaque, "access_token");
  const firstRefresh = textOf(jwt, "refresh_token");
  await run({ says: "The JWT is active", args: ["introspect", jwtToken], expectCode: 0, expect: isActive });
  await run({ says: "The opaque token is active", args: ["introspect", opaqueToken], expectCode: 0, expect: isActive });

  const second = await run({ says: "Refresh: a new pair of tokens", args: refresh(firstRefresh), expectCode: 0 });
  await run({
    says: "The old refresh token is inactive",
    args: ["introspect", firstRefresh],
    expectCode: 1,
    expect: isInactive,
  });
  await run({ says: "Use the successor", args: refresh(textOf(second, "refresh_token")), expectCode: 0 });
  await run({
    says: "Replay the first refresh token: refused, and its family dies",
    args: refresh(firstRefresh),
    expectCode: 1,
  });
  await run({
    says: "Everything minted from that family is inactive",
    args: ["introspect", textOf(second, "access_token")],
    at: last,
    expectCode: 1,
    expect: isInactive,
  });
  await run({
    says: "The opaque token is of another family: still active",
    args: ["introspect", opaqueToken],
    expectCode: 0,
  });
  await run({ says: "Revoke everything of alice until now", args: ["revoke", "--subject", "alice"], expectCode: 0 });
  await run({
    says: last === first ? "The opaque token is inactive" : "The opaque token is inactive at the other server too",
    args: ["introspect", opaqueToken],
    at: last,
    expectCode: 1,
    expect: isInactive,
  });
}

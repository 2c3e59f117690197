/** Instances that break a promise as programs of this kind do. Each differs from the product in the one thing that its name says. */
import { createHash } from "node:crypto";
import type { FamilyRecord, Store } from "../../../src/core/ports.ts";
import type { Following, RevocationFollower } from "../../../src/core/revocation-log.ts";
import { marksOf, packMarks, unpackMarks } from "../../../src/core/revocations/marks.ts";
import type { Recognised } from "../../../src/core/recognised.ts";
import type { RunScript } from "../../../src/store/redis/script-runs.ts";
import type { Mutant } from "./composed-instance.ts";

/** A revocation names the bytes that were sent, not the token they stand for. */
export const rawTokenHash: Mutant = {
  environment: (environment) => {
    const byBytes = (token: string, recognised: Recognised): void => {
      const { iss, birth } = recognised.origins[0];
      const digest = createHash("sha256").update(token).digest("base64url");
      recognised.origins = [{ iss, birth, digest }];
      recognised.marks = marksOf(environment.keys.selector, recognised.origins);
    };
    return remembering(environment, byBytes);
  },
};

/** A cut-off is held against when a token was issued, not against when its family was born. */
export const cutOffByIssue: Mutant = {
  environment: (environment) =>
    remembering(environment, (_token, recognised) => {
      const issued = recognised.claims.iat * 1_000;
      const named = unpackMarks(recognised.marks).map(({ digest }) => [digest.toString("latin1"), issued] as const);
      recognised.marks = packMarks(named);
    }),
};

/** When it cannot be known whether a token is revoked, it is not. */
export const failOpen: Mutant = {
  environment: (environment) => {
    const { revocations } = environment;
    const settle = (): Promise<void> | undefined => revocations.settle()?.catch(() => undefined);
    return { ...environment, revocations: { ...revocations, settle } };
  },
};

/** The grace is for every earlier generation. */
export const graceForGrandparents: Mutant = {
  store: (store) => {
    const { families } = store;
    const read = async (id: Buffer): Promise<FamilyRecord | undefined> => {
      const record = await families.read(id);
      // As old as what is presented may be: the rotation itself decides.
      return record === undefined
        ? undefined
        : { ...record, generation: Math.min(record.generation, 1), rotatedAt: store.clock.now() };
    };
    const rotate: Store["families"]["rotate"] = async (id, rotation) => {
      const rotated = await families.rotate(id, rotation);
      if (rotated.outcome !== "stale_generation" && rotated.outcome !== "predecessor_reused") return rotated;
      const record = await families.read(id);
      return record === undefined ? rotated : { outcome: "retried", successor: record, context: rotation.context };
    };
    return { ...store, families: { ...families, read, rotate } };
  },
};

/** The view is fresh as far as it knows, and learns nothing after the start. */
export const viewThatStops: Mutant = {
  store: (store) => following(store, (follower) => ({ ...follower, takeLogged: () => undefined })),
};

/** Nothing new was read, so there is nothing new: whatever the store was, and whether it answered or not. */
export const emptyReadAsProof: Mutant = {
  store: (store) => {
    let head = "";
    const taught = (follower: RevocationFollower): RevocationFollower => {
      const proved: RevocationFollower["proved"] = (revision, askedAt) => {
        head = revision;
        follower.proved(revision, askedAt);
      };
      return { ...follower, proved, doubted: () => undefined };
    };
    return following(store, taught, (told, follower) => ({
      ...told,
      prove: () => told.prove().catch(() => follower.proved(head, performance.now())),
    }));
  },
};

/** Behind each write and each proof the replicas are waited for, and how many have it is not looked at. */
export const uncheckedWait: Mutant = {
  connections: (connections) => {
    const durably: RunScript = async (script, ...parameters) => {
      const reply = await connections.run(script, ...parameters);
      await connections
        .holder()
        ?.wait(connections.replicas, WAIT_MS)
        .catch(() => undefined);
      return reply;
    };
    return { ...connections, durably };
  },
};

/** So short that what comes behind it on its connection is still in time. */
const WAIT_MS = 20;

function following(
  store: Store,
  change: (follower: RevocationFollower) => RevocationFollower,
  changeFollowing: (told: Following, follower: RevocationFollower) => Following = (told) => told,
): Store {
  const { revocations } = store;
  const follow: Store["revocations"]["follow"] = (follower) =>
    changeFollowing(revocations.follow(change(follower)), follower);
  return { ...store, revocations: { ...revocations, follow } };
}

type Environment = Parameters<NonNullable<Mutant["environment"]>>[0];

/** Changes what every token is known by, from its first use on. */
function remembering(environment: Environment, change: (token: string, recognised: Recognised) => void): Environment {
  const { rememberedTokens } = environment;
  const remember: typeof rememberedTokens.remember = (token, recognised, answer) => {
    change(token, recognised);
    rememberedTokens.remember(token, recognised, answer);
  };
  return { ...environment, rememberedTokens: { ...rememberedTokens, remember } };
}

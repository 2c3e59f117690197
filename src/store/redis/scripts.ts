/** The scripts, and how TypeScript sees them. What they return is unknown until `script-replies.ts` has decoded it. */
import { readFileSync } from "node:fs";
import type { Result } from "ioredis";

declare module "ioredis" {
  interface RedisCommander<Context> {
    assayOpenStoreBuffer(
      log: string,
      live: string,
      meta: string,
      schemaVersion: number,
      incarnation: string,
      greatestLifetimeMs: number,
      mayMake: "0" | "1",
    ): Result<unknown, Context>;
    assayRaiseGreatestLifetime(meta: string, greatestLifetimeMs: number): Result<unknown, Context>;
    assayAppendRevocationBuffer(
      log: string,
      live: string,
      expiry: string,
      meta: string,
      incarnation: string,
      digest: Buffer,
      cutOff: number,
      keep: number | "greatest",
      sealed: Buffer,
      now: number,
      marginMs: number,
      isNow: "0" | "1",
    ): Result<unknown, Context>;
    assayProveLogBuffer(
      log: string,
      live: string,
      meta: string,
      heartbeat: string,
      incarnation: string,
      taken: string,
      digest: Buffer,
      appended: string,
      count: number,
      mustBeat: "0" | "1",
      sought: string,
    ): Result<unknown, Context>;
    assayPutBack(
      log: string,
      live: string,
      expiry: string,
      meta: string,
      incarnation: string,
      now: number,
      revocations: Buffer,
    ): Result<unknown, Context>;
    assayNoteHealed(
      meta: string,
      log: string,
      incarnation: string,
      healed: string,
      upTo: string,
      entries: string,
      greatestCount: number,
    ): Result<unknown, Context>;
    assayReadLivePageBuffer(live: string, cursor: string, count: number): Result<unknown, Context>;
    assayTellTime(key: string): Result<unknown, Context>;
    assayAcceptLoss(
      log: string,
      live: string,
      meta: string,
      schemaVersion: number,
      incarnation: string,
      greatestLifetimeMs: number,
      lost: string,
      isKeyringLost: "0" | "1",
      isKeyringThere: "0" | "1",
      isNobodyLeft: "0" | "1",
    ): Result<unknown, Context>;
    assayLabelKeyring(keyring: string, incarnation: string): Result<unknown, Context>;
    assayPutBackKeyring(
      keyring: string,
      incarnation: string,
      version: number,
      records: string,
      root: string,
    ): Result<unknown, Context>;
    assayRestoreKeyring(
      keyring: string,
      incarnation: string,
      replaced: number,
      version: number,
      records: string,
      root: string,
    ): Result<unknown, Context>;
    assayPurgeRevocations(
      log: string,
      live: string,
      expiry: string,
      meta: string,
      incarnation: string,
      now: number,
      trimUpTo: number,
      batch: number,
    ): Result<unknown, Context>;
    assayCreateFamily(
      family: string,
      macKeyId: number,
      rotatedAt: number,
      idleExpiresAt: number,
      expiresAt: number,
      sealed: Buffer,
      dropAt: number,
    ): Result<unknown, Context>;
    assayRotateFamily(
      family: string,
      presented: number,
      now: number,
      request: Buffer,
      context: Buffer,
      macKeyId: number,
      graceMs: number,
      idleMs: number,
    ): Result<unknown, Context>;
    assayKillFamily(family: string): Result<unknown, Context>;
    assaySwapKeyring(
      keyring: string,
      incarnation: string,
      version: number,
      records: string,
      firstRoot: string,
    ): Result<unknown, Context>;
    assayNoteKeyring(meta: string, incarnation: string): Result<unknown, Context>;
    assayPutOpaqueToken(opaqueToken: string, sealed: Buffer, dropAt: number): Result<unknown, Context>;
    assayRememberProof(replay: string, request: Buffer | "", expiresAt: number): Result<unknown, Context>;
    assayCountNetworks(current: string, previous: string, network: Buffer, dropAt: number): Result<unknown, Context>;
  }
}

/** For the `scripts` option of ioredis, which sends EVALSHA and falls back to EVAL when the server has forgotten a script. */
export const SCRIPTS = {
  assayOpenStore: { numberOfKeys: 3, lua: source("open-store") },
  assayRaiseGreatestLifetime: { numberOfKeys: 1, lua: source("raise-greatest-lifetime") },
  assayAppendRevocation: { numberOfKeys: 4, lua: source("append-revocation") },
  assayProveLog: { numberOfKeys: 4, lua: source("prove-log") },
  assayPutBack: { numberOfKeys: 4, lua: source("put-back") },
  assayNoteHealed: { numberOfKeys: 2, lua: source("note-healed") },
  assayReadLivePage: { numberOfKeys: 1, lua: source("read-live-page") },
  assayTellTime: { numberOfKeys: 1, lua: source("tell-time") },
  assayAcceptLoss: { numberOfKeys: 3, lua: source("accept-loss") },
  assayLabelKeyring: { numberOfKeys: 1, lua: source("label-keyring") },
  assayPutBackKeyring: { numberOfKeys: 1, lua: source("put-back-keyring") },
  assayRestoreKeyring: { numberOfKeys: 1, lua: source("restore-keyring") },
  assayPurgeRevocations: { numberOfKeys: 4, lua: source("purge-revocations") },
  assayCreateFamily: { numberOfKeys: 1, lua: source("create-family") },
  assayRotateFamily: { numberOfKeys: 1, lua: source("rotate-family") },
  assayKillFamily: { numberOfKeys: 1, lua: source("kill-family") },
  assaySwapKeyring: { numberOfKeys: 1, lua: source("swap-keyring") },
  assayNoteKeyring: { numberOfKeys: 1, lua: source("note-keyring") },
  assayPutOpaqueToken: { numberOfKeys: 1, lua: source("put-opaque-token") },
  assayRememberProof: { numberOfKeys: 1, lua: source("remember-proof") },
  assayCountNetworks: { numberOfKeys: 2, lua: source("count-networks") },
};

function source(name: string): string {
  return readFileSync(new URL(`./${name}.lua`, import.meta.url), "utf8");
}

import { setTimeout as pause } from "node:timers/promises";
import type { Rotation, Store } from "../../src/core/ports.ts";
import { createFamily, digest, revocation, rotation } from "./store-under-test.ts";

export type AcknowledgedLoad = {
  /** Digests of revocations whose append resolved. */
  revoked: Buffer[];
  /** Families with the generation that the last answered rotation made. */
  families: Map<string, number>;
  failures: unknown[];
  /** Ends the load, once the last call is answered. */
  stop(): Promise<void>;
};

const PAUSE_MS = 5;

/** Revokes, creates families and rotates them, one call after the other, until stopped. What fails is not acknowledged. */
export function loadUntilStopped(store: Store): AcknowledgedLoad {
  const revoked: Buffer[] = [];
  const families = new Map<string, number>();
  const failures: unknown[] = [];
  const stopping = new AbortController();

  async function once(): Promise<void> {
    const named = digest();
    await store.revocations.append(revocation({ digest: named }));
    revoked.push(named);
    const family = await createFamily(store);
    const name = family.toString("base64url");
    families.set(name, 0);
    const first: Rotation = rotation();
    const { outcome } = await store.families.rotate(family, first);
    if (outcome !== "rotated" && outcome !== "retried") {
      throw new Error(`a first rotation is ${outcome}`);
    }
    families.set(name, 1);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await once().catch((error: unknown) => failures.push(error));
      await pause(PAUSE_MS);
    }
  }

  const ended = run();
  return {
    revoked,
    families,
    failures,
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

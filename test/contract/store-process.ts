/** Another process on the same store: opens it when told to, does one thing, says what came of it, and ends or is killed. */
import { once } from "node:events";
import { z } from "zod";
import type { Store } from "../../src/core/ports.ts";
import { openStore, storeAddress } from "./open-store.ts";
import { fixedClock, GREATEST_LIFETIME, newFamily, revocation, rotation } from "./store-under-test.ts";

const task = z.object({
  address: storeAddress,
  what: z.enum(["append", "create", "rotate", "swap"]),
  digests: z.array(z.string()),
  /** kill -9 by its own hand as soon as the thing is done. */
  thenDie: z.boolean(),
});

export type StoreTask = z.infer<typeof task>;

const { address, what, digests, thenDie } = task.parse(JSON.parse(process.argv[2] ?? ""));
console.log("ready");
await once(process.stdin, "data");
const store = await openStore(address, {
  clock: fixedClock,
  greatestLifetimeMs: GREATEST_LIFETIME,
});
const results = await Promise.all(digests.map((hex) => perform(store, Buffer.from(hex, "hex"))));
if (thenDie) {
  process.kill(process.pid, "SIGKILL");
}
console.log(JSON.stringify(results));
await store.close();
process.stdin.destroy();

async function perform({ revocations, families, keyrings }: Store, digest: Buffer): Promise<string> {
  switch (what) {
    case "append":
      return (await revocations.append(revocation({ digest }))).revision;
    case "create":
      await families.create(digest, newFamily());
      return "created";
    case "rotate":
      return (await families.rotate(digest, rotation())).outcome;
    case "swap":
      return (await keyrings.swap(0, digest.toString("hex"))) ? "swapped" : "other version";
  }
}

/** Another process that follows a store and says what it is told, a JSON line each, until it is ended. */
import { z } from "zod";
import { openStore, storeAddress } from "./open-store.ts";
import { fixedClock, GREATEST_LIFETIME } from "./store-under-test.ts";

/** Digests in hex. */
export const heard = z.object({
  held: z.array(z.string()).optional(),
  logged: z.array(z.string()).optional(),
  proved: z.string().optional(),
  doubted: z.boolean().optional(),
});

if (import.meta.main) {
  const address = storeAddress.parse(JSON.parse(process.argv[2] ?? ""));
  const store = await openStore(address, { clock: fixedClock, greatestLifetimeMs: GREATEST_LIFETIME });
  const say = (what: z.infer<typeof heard>): void => console.log(JSON.stringify(what));
  store.revocations.follow({
    takeHeld: (revocations) => say({ held: revocations.map(({ digest }) => digest.toString("hex")) }),
    takeLogged: (entries) => say({ logged: entries.map(({ digest }) => digest.toString("hex")) }),
    proved: (revision) => say({ proved: revision }),
    doubted: () => say({ doubted: true }),
    held: () => [],
  });
  process.stdin.resume();
}

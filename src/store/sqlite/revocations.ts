import type { RevocationStore } from "../../core/revocation-log.ts";
import { formatRevision } from "../revision.ts";
import type { Access } from "./access.ts";
import { type FollowOf, followRevocations } from "./follow-revocations.ts";
import { heldRevocation } from "./held-revocation.ts";
import { formatPosition } from "./position.ts";
import { readSealed } from "./read-live-set.ts";

/** `stop` ends all following. */
export function sqliteRevocations(
  of: FollowOf,
  { read, write }: Access,
): RevocationStore & { stop: () => Promise<void> } {
  const followers = new Set<ReturnType<typeof followRevocations>>();
  return {
    async append(revocation) {
      const appended = await write("append", { revocation, now: of.clock.now() });
      for (const following of followers) following.look();
      const revision = formatRevision(of.incarnation, formatPosition(appended));
      return { revision, durability: "local", held: heldRevocation(revocation.digest, appended) };
    },
    follow(follower) {
      const following = followRevocations(of, follower);
      followers.add(following);
      const stop = async (): Promise<void> => {
        followers.delete(following);
        await following.stop();
      };
      return { ...following, stop };
    },
    readSealed: (digests) => read((reader) => readSealed(reader, digests)),
    stop: async () => {
      await Promise.all([...followers].map((following) => following.stop()));
    },
  };
}

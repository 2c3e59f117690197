import type { KeyringStore } from "../../core/ports.ts";
import { damaged } from "../refusal.ts";
import { isKeyringNoted } from "./keyring-loss.ts";
import { KEYRING, REVOCATIONS } from "./keys.ts";
import { answered, storeUnavailable } from "./redis-error.ts";
import type { RevocationsOf } from "./revocations.ts";
import { decodeSwap } from "./script-replies.ts";

/** The keyring lies apart from the revocations, in a slot of its own: it names the incarnation of the store that it belongs to. */
export function redisKeyrings({ redis, gate, address }: RevocationsOf): KeyringStore {
  let isNoted = false;

  function lost(): Error {
    const sentence = damaged("its keyring", address);
    gate.shut(sentence);
    return storeUnavailable(sentence);
  }

  return {
    async read() {
      const { incarnation } = gate.pass();
      isNoted ||= await isKeyringNoted(redis);
      const [of, version, records] = await answered(redis.hmget(KEYRING, "incarnation", "version", "records"));
      if (!isNoted && of === null && version === null) {
        return { version: 0, records: "" };
      }
      if (of !== incarnation || !/^[1-9]\d*$/.test(version ?? "") || typeof records !== "string") {
        throw lost();
      }
      if (!isNoted) {
        await answered(redis.assayNoteKeyring(REVOCATIONS.meta, incarnation));
      }
      return { version: Number(version), records };
    },
    async swap(version, records) {
      const { incarnation } = gate.pass();
      const swapped = decodeSwap(await answered(redis.assaySwapKeyring(KEYRING, incarnation, version, records)));
      if (swapped === undefined) {
        throw lost();
      }
      return swapped;
    },
  };
}

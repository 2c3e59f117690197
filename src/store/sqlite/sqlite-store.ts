import { setTimeout as sleep } from "node:timers/promises";
import type { RotationOutcome, Store } from "../../core/ports.ts";
import { halfWindows } from "../half-windows.ts";
import type { Access } from "./access.ts";
import type { Connection } from "./connection.ts";
import { readFamily } from "./families.ts";
import type { FollowOf } from "./follow-revocations.ts";
import { readKeyring } from "./keyrings.ts";
import { getOpaqueToken } from "./opaque-tokens.ts";
import { sqliteRevocations } from "./revocations.ts";
import { isBusy, operationError, storeUnavailable } from "./sqlite-error.ts";

/** How soon a read is tried again that another process was in the way of: while it recovers the log of one that crashed, say. */
const RETRY_MS = 5;

/** The port over an open file. */
export function sqliteStore(of: FollowOf): Store {
  const { clock } = of;
  const access = accessTo(of);
  const { read, write } = access;
  const { stop, ...revocations } = sqliteRevocations(of, access);
  return {
    clock,
    revocations,
    families: {
      create: (id, record) => write("createFamily", { id, record }),
      read: (id) => read((reader) => readFamily(reader, id)?.record),
      rotate: async (id, rotation) => asItWas(await write("rotateFamily", { id, rotation })),
      kill: (id) => write("killFamily", { id }),
    },
    opaqueTokens: {
      put: (digest, sealed, expiresAt) => write("putOpaqueToken", { digest, sealed, expiresAt }),
      get: (digest) => read((reader) => getOpaqueToken(reader, digest)),
    },
    replays: {
      remember: (key, request, expiresAt) => write("rememberProof", { key, request, expiresAt }),
    },
    networks: {
      count: (token, network, windowMs) =>
        write("countNetworks", { token, network, halves: halfWindows(clock.now(), windowMs) }),
    },
    keyrings: {
      read: () => read(readKeyring),
      swap: (version, records) => write("swapKeyring", { version, records }),
    },
    purge: () => write("purge", { now: clock.now() }),
    problem: () => problem(of, access),
    async close() {
      await stop();
      // The last to close leaves one file behind, without a log beside it: the writer, since the reader may not write.
      if (of.reader.database.isOpen) of.reader.database.close();
      await of.writer.close();
    },
  };
}

/** A buffer comes from another thread as plain bytes. */
function asItWas(outcome: RotationOutcome): RotationOutcome {
  return outcome.outcome === "retried" ? { ...outcome, context: Buffer.from(outcome.context) } : outcome;
}

/** The file is looked for again at the end: what is acknowledged, or answered, must be true of the file that a restart finds. */
function accessTo({ reader, writer, closure, timeoutMs }: FollowOf): Access {
  return {
    async read(look) {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        refuseClosed(reader);
        try {
          closure.refuse();
          const result = look(reader);
          closure.refuse();
          return result;
        } catch (error) {
          if (!isBusy(error) || performance.now() > deadline) throw operationError(error);
        }
        await sleep(RETRY_MS);
      }
    },
    async write(write, argument) {
      refuseClosed(reader);
      closure.refuse();
      const result = await writer.write(write, argument);
      closure.refuse();
      return result;
    },
  };
}

function refuseClosed({ database }: Connection): void {
  if (!database.isOpen) throw storeUnavailable(new Error("the store has been closed"));
}

async function problem({ closure }: FollowOf, { read }: Access): Promise<string | undefined> {
  const sentence = closure.sentence();
  if (sentence !== undefined) {
    return sentence;
  }
  try {
    await read(({ statements }) => statements.identity.get());
    return undefined;
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    const because = cause instanceof Error ? cause.message : String(error);
    return `The store file cannot be read (${because}). Check its disk and its permissions, then start again.`;
  }
}

import type { Clock, Store } from "../../core/ports.ts";
import { formatRevision } from "../revision.ts";
import { appendRevocation } from "./append-revocation.ts";
import type { Connection } from "./connection.ts";
import { createFamily, killFamily, readFamily } from "./families.ts";
import { findRevocations } from "./find-revocations.ts";
import { getOpaqueToken, putOpaqueToken } from "./opaque-tokens.ts";
import { readKeyring, swapKeyring } from "./keyrings.ts";
import { refuseLost } from "./opened-file.ts";
import { purge } from "./purge.ts";
import { rotateFamily } from "./rotate-family.ts";
import { rememberProof } from "./replays.ts";
import { operationError, storeUnavailable } from "./sqlite-error.ts";

/** The port over an open connection. Every transition is synchronous: two of one process never mix. */
export function sqliteStore(connection: Connection, clock: Clock): Store {
  const on = async <T>(transition: () => T): Promise<T> => perform(connection, transition);
  return {
    clock,
    revocations: {
      append: (revocation) =>
        on(() => {
          const position = appendRevocation(connection, revocation, clock.now());
          return { revision: formatRevision(connection.incarnation, String(position)), durability: "local" };
        }),
      find: (digests) => on(() => findRevocations(connection, digests)),
    },
    families: {
      create: (id, record) => on(() => createFamily(connection, id, record)),
      read: (id) => on(() => readFamily(connection, id)?.record),
      rotate: (id, rotation) => on(() => rotateFamily(connection, id, rotation)),
      kill: (id) => on(() => killFamily(connection, id)),
    },
    opaqueTokens: {
      put: (digest, sealed, expiresAt) => on(() => putOpaqueToken(connection, digest, sealed, expiresAt)),
      get: (digest) => on(() => getOpaqueToken(connection, digest)),
    },
    replays: {
      remember: (key, request, expiresAt) => on(() => rememberProof(connection, key, request, expiresAt)),
    },
    keyrings: {
      read: () => on(() => readKeyring(connection)),
      swap: (version, records) => on(() => swapKeyring(connection, version, records)),
    },
    purge: () => on(() => purge(connection, clock.now())),
    problem: async () => problem(connection),
    close: async () => close(connection),
  };
}

/** The file is looked for again at the end: what is acknowledged, or answered, must be true of the file that a restart finds. */
function perform<T>({ database, file }: Connection, transition: () => T): T {
  if (!database.isOpen) {
    throw storeUnavailable(new Error("the store has been closed"));
  }
  try {
    refuseLost(file);
    const result = transition();
    refuseLost(file);
    return result;
  } catch (error) {
    throw operationError(error);
  }
}

function problem(connection: Connection): string | undefined {
  try {
    const loss = connection.file.loss();
    if (loss !== undefined) {
      return loss;
    }
    perform(connection, () => connection.statements.identity.get());
    return undefined;
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    const because = cause instanceof Error ? cause.message : String(error);
    return `The store file cannot be read (${because}). Check its disk and its permissions, then start again.`;
  }
}

function close({ database }: Connection): void {
  if (database.isOpen) {
    database.close();
  }
}

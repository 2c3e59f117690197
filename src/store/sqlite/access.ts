import type { Connection } from "./connection.ts";
import type { WriteArgument, WriteName, WriteResult } from "./writes.ts";

/** How the operations come to the file. */
export type Access = {
  /** On the calling thread, which waits for nobody. */
  read: <T>(look: (reader: Connection) => T) => Promise<T>;
  /** On the writing thread. Resolves when it is durable. */
  write: <Name extends WriteName>(write: Name, of: WriteArgument<Name>) => Promise<WriteResult<Name>>;
};

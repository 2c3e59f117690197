import { lstat, stat, unlink } from "node:fs/promises";
import { connect, type Server } from "node:net";
import { dirname } from "node:path";
import { StartError } from "../../core/start-error.ts";

/** May write to a directory: whoever can may put a socket of their own in the place of ours. */
const WRITABLE_BY_OTHERS = 0o022;
const ROOT = 0;
/** Owner and group may connect. */
export const SOCKET_UMASK = 0o117;

/**
 * Makes way for a socket file: removes one that a dead process left, and nothing else.
 * @throws StartError when the directory is missing or not safe, something else is there, or somebody answers
 */
export async function makeWayForSocket(path: string): Promise<void> {
  await checkDirectory(path);
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) throw refusal(path, "something that is not a socket is there. Remove it,");
  if (await answers(path)) throw refusal(path, "another process listens there. Stop it,");
  await unlink(path).catch((cause: unknown) => {
    throw refusal(path, "the socket that a dead process left there cannot be removed. Remove it,", cause);
  });
}

async function checkDirectory(path: string): Promise<void> {
  const directory = await stat(dirname(path)).catch(() => undefined);
  // Node would say of a missing directory that permission is denied.
  if (directory === undefined) throw refusal(path, "its directory does not exist. Make it,");
  if (directory.uid !== process.getuid?.() && directory.uid !== ROOT)
    throw refusal(path, "its directory belongs to another user. Give it to the user that runs Assay or to root,");
  if ((directory.mode & WRITABLE_BY_OTHERS) !== 0)
    throw refusal(
      path,
      "group or others may write to its directory, and so put another socket there. Give it mode 0755 or less,",
    );
}

/** Binds with mode 0660 from the first moment: Node binds a path before `listen` returns. */
export function listenOnPath(server: Server, path: string): void {
  const before = process.umask(SOCKET_UMASK);
  try {
    server.listen({ path });
  } finally {
    process.umask(before);
  }
}

/** Anything but a refusal counts as an answer: what may be alive is left alone. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "ECONNREFUSED"));
  });
}

function refusal(path: string, what: string, cause?: unknown): StartError {
  return new StartError(`Cannot listen on unix:${path}: ${what} or set listen.address to another path.`, { cause });
}

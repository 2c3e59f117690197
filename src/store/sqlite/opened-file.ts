import { statSync } from "node:fs";

/** The file that a path named when it was opened. */
export type OpenedFile = {
  /**
   * The sentence for the operator once the path has named no file, or another one: it stays, whatever comes to lie there.
   * @throws when the path cannot be looked at
   */
  loss(): string | undefined;
};

/**
 * Call it before the database is opened: a file exchanged in between then counts as lost.
 * SQLite goes on writing to a removed file, which ends with the process; its inode is not given to another meanwhile.
 */
export function rememberFile(path: string): OpenedFile {
  const opened = statSync(path, { bigint: true });
  let isLost = false;
  return {
    loss() {
      isLost ||= !isSame(opened, path);
      return isLost
        ? `The store file ${path} was removed or replaced while Assay was running: stop it, restore the file, start again.`
        : undefined;
    },
  };
}

function isSame(opened: { dev: bigint; ino: bigint }, path: string): boolean {
  const present = statSync(path, { bigint: true, throwIfNoEntry: false });
  return present?.dev === opened.dev && present.ino === opened.ino;
}

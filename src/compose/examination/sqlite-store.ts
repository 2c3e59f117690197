import type { SqliteInspection } from "../../store/sqlite/inspect.ts";
import { fault, type Finding, ok, type Said, warning } from "./finding.ts";
import type { StoreExamined } from "./store-examined.ts";

const OTHERS = 0o077;
const GIBIBYTE = 2 ** 30;
/** Below these a disk that fills up is near. */
const LITTLE_BYTES = GIBIBYTE;
const LEAST_BYTES = GIBIBYTE / 20;
/** How far ahead a heartbeat may be: a start tolerates no more. */
const TOLERATED_MS = 5 * 60_000;

/** `now` by this machine's clock, milliseconds: it is the store's too. */
export function sqliteFindings(found: SqliteInspection, now: number): StoreExamined {
  const { contents } = found;
  const findings = [
    { subject: "store", ...fileSays(found) },
    { subject: "store permissions", ...permissionsSay(found) },
    { subject: "store disk", ...diskSays(found) },
    { subject: "revocations", ...contentsSay(found) },
    ...heartbeatFindings(found, now),
  ];
  return { findings, keyring: contents.store === "whole" ? contents.keyring : undefined, aheadMs: 0 };
}

function fileSays({ path, networkFileSystem, journal, users, contents }: SqliteInspection): Said {
  if (networkFileSystem !== undefined) return fault(networkFileSystem);
  if (contents.store === "absent")
    return warning(`There is none at ${path} yet. The first start makes it, or assay store init.`);
  const used =
    users.length === 0
      ? "no process has it open"
      : `open in ${users.length === 1 ? "process" : "processes"} ${users.join(", ")}`;
  const says = `The file ${path} answers, in journal mode ${journal ?? "unknown"}, each commit fsynced by Assay (synchronous FULL); ${used}`;
  return journal === "wal" ? ok(`${says}.`) : warning(`${says}. The next start sets it to wal.`);
}

function permissionsSay({ mode, isWritable, path }: SqliteInspection): Said {
  if (!isWritable)
    return fault(`This user may not write ${path} or its folder. Let it, or run this as the service's user.`);
  const open = [
    mode.file !== undefined && (mode.file & OTHERS) !== 0 ? `the file (${octal(mode.file)})` : "",
    mode.folder !== undefined && (mode.folder & 0o022) !== 0 ? `its folder (${octal(mode.folder)})` : "",
  ].filter((what) => what !== "");
  if (open.length === 0) return ok("Only this user can read the file, and nobody else can replace it.");
  return warning(`Others may read or replace ${open.join(" and ")}: chmod 600 the file, and 700 its folder.`);
}

function diskSays({ freeBytes = 0, path }: SqliteInspection): Said {
  const says = `${(freeBytes / GIBIBYTE).toFixed(1)} GiB are free on the disk of ${path}`;
  if (freeBytes < LEAST_BYTES) return fault(`${says}: revocations are about to be refused. Free disk space.`);
  return freeBytes < LITTLE_BYTES ? warning(`${says}. Free disk space.`) : ok(`${says}.`);
}

function contentsSay({ contents, path }: SqliteInspection): Said {
  if (contents.store === "absent") return ok("There are none yet.");
  if (contents.store === "damaged") {
    return fault(
      `The store at ${path} has lost ${contents.lost.join(", ")}. Restore it from a backup, or accept the loss: assay store accept-loss says what that means.`,
    );
  }
  const { live, logged, trimmedTo, healed, incarnation } = contents;
  const past = [trimmedTo === 0 ? "" : `, trimmed up to ${trimmedTo}`, healed === 0 ? "" : `, healed ${healed} times`];
  return ok(`${live} are live and ${logged} entries in the log${past.join("")}, in the store ${incarnation}.`);
}

function heartbeatFindings({ contents }: SqliteInspection, now: number): Finding[] {
  if (contents.store !== "whole" || contents.heartbeatAt === 0) return [];
  const subject = "heartbeat";
  const { heartbeatAt } = contents;
  const at = new Date(heartbeatAt).toISOString();
  if (heartbeatAt > now + TOLERATED_MS) {
    return [
      {
        subject,
        ...fault(`The last was at ${at}, which is still to come by this machine's clock. Set the clock right.`),
      },
    ];
  }
  return [{ subject, ...ok(`An instance last wrote at ${at}.`) }];
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}

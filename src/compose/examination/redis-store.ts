import type { RedisInspection, RedisNode } from "../../store/redis/inspect.ts";
import { clockSays } from "./clock.ts";
import { fault, type Finding, ok, type Said, warning } from "./finding.ts";
import type { StoreExamined } from "./store-examined.ts";
import { topologySays } from "./topology.ts";

/** What a proof of freshness and a write may take of `store.timeout` for the network alone. */
const LATENCY_SHARE = 1 / 5;
const FULL_SHARE = 0.8;
/** Instances prove a few times a second. */
const SILENT_SECONDS = 10;
/** `PXAT`, `XTRIM MINID` and HSCAN within scripts. */
const OLDEST = [6, 2];

export function redisFindings(found: RedisInspection, timeoutMs: number): StoreExamined {
  const { address, contents, clock, topology } = found;
  const findings = [
    ...found.nodes.flatMap((node): Finding[] => [
      { subject: "store", ...versionSays(node, address) },
      { subject: "store disk", ...diskSays(node) },
      { subject: "store memory", ...memorySays(node) },
    ]),
    { subject: "store settings", ...settingsSay(found) },
    { subject: "store durability", ...topologySays(topology) },
    { subject: "store latency", ...latencySays(found.roundTripMs, timeoutMs) },
    { subject: "store clock", ...clockSays(clock) },
    { subject: "revocations", ...contentsSay(found) },
    ...heartbeatFindings(contents),
  ];
  const keyring = contents.store === "whole" ? contents.keyring : undefined;
  return { findings, keyring, aheadMs: clock.aheadMs };
}

function versionSays({ version }: RedisNode, address: string): Said {
  const [major = 0, minor = 0] = (/\d+(?:\.\d+)*/.exec(version)?.[0] ?? "").split(".").map(Number);
  const [oldest = 0, least = 0] = OLDEST;
  const says = `${version} at ${address}`;
  return major > oldest || (major === oldest && minor >= least)
    ? ok(`${says} answers.`)
    : fault(`${says} is too old: Assay needs Redis 6.2 or Valkey 7.2 at least. Upgrade it.`);
}

function diskSays({ isWriting }: RedisNode): Said {
  return isWriting
    ? ok("Its last write to the append-only file succeeded.")
    : fault("Its last write to the append-only file, or the last rewrite of it, failed. Look at its disk and its log.");
}

function memorySays({ memory: { used, most } }: RedisNode): Said {
  if (most === 0) return ok(`${mebibytes(used)} in use, without a limit of its own (maxmemory).`);
  const says = `${mebibytes(used)} of ${mebibytes(most)} in use`;
  return used < most * FULL_SHARE
    ? ok(`${says}.`)
    : warning(`${says}: once it is full, revocations are refused. Raise maxmemory.`);
}

function settingsSay({ safety }: RedisInspection): Said {
  if ("unfit" in safety) return fault(safety.unfit);
  if (safety.durability === "volatile") {
    return warning(
      "It may lose or evict acknowledged revocations, which store.unsafe_allow_volatile accepts. Turn that off for production.",
    );
  }
  return ok(
    "A primary that keeps what it acknowledges: appendonly, appendfsync always, no-appendfsync-on-rewrite no, noeviction.",
  );
}

function latencySays(ms: number, timeoutMs: number): Said {
  const says = `A round trip takes ${ms.toFixed(1)} ms`;
  return ms < timeoutMs * LATENCY_SHARE
    ? ok(`${says}, of the ${timeoutMs} ms that an operation may take.`)
    : warning(
        `${says}: much of the ${timeoutMs} ms that an operation may take. Bring Assay nearer to it, or raise store.timeout.`,
      );
}

function contentsSay({ contents, address }: RedisInspection): Said {
  if (contents.store === "absent")
    return warning(`There is no store at ${address} yet. The first start makes it, or assay store init.`);
  if (contents.store === "damaged") {
    const { lost, incarnation } = contents;
    return fault(
      `The store${incarnation === undefined ? "" : ` ${incarnation}`} has lost ${lost.join(", ")}. Restore it from a backup, or accept the loss: assay store accept-loss says what that means.`,
    );
  }
  const { live, logged, trimmedTo, healed, incarnation, predecessors, awaited } = contents;
  if (awaited !== undefined) {
    return fault(
      `The store ${incarnation} was made in place of ${awaited}, and no instance that ran before the loss has put back yet what it holds: until then all stay closed. Where none of them runs any more: assay store accept-loss --nobody-left`,
    );
  }
  return ok(
    `${live} are live and ${logged} entries in the log${trimmedTo === undefined ? "" : `, trimmed up to ${trimmedTo}`}, in the store ${incarnation}${
      predecessors.length === 0 ? "" : ` (made in place of ${predecessors.join(", ")})`
    }${healed === 0 ? "" : `, healed ${healed} times`}.`,
  );
}

function heartbeatFindings(contents: RedisInspection["contents"]): Finding[] {
  if (contents.store !== "whole" || contents.idleSeconds === undefined) return [];
  const { idleSeconds } = contents;
  const subject = "heartbeat";
  return [
    idleSeconds <= SILENT_SECONDS
      ? { subject, ...ok(`An instance proved ${idleSeconds} s ago at most that no revocation is missing.`) }
      : {
          subject,
          ...warning(
            `No instance has proved for ${idleSeconds} s that no revocation is missing. If one should run, look at its log.`,
          ),
        },
  ];
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}

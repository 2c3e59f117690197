/** Signals that say the same of the same are one to whoever reads them: a flood of one must not bury another. */
import { createHash } from "node:crypto";
import { rankOf, type Signal } from "../core/signals/signal.ts";

export type SignalGroup = {
  /** 16 hex digits. */
  key: string;
  latest: Signal;
  count: number;
  /** When the first came: milliseconds since the epoch. */
  since: number;
};

export type SignalGroups = {
  /** @returns the group that it is of */
  add(signal: Signal): SignalGroup;
  /** Those that began last come first. */
  all(): readonly SignalGroup[];
};

const MOST = 100;

/** Where there are too many, the mildest that was quiet for longest goes. */
export function signalGroups(): SignalGroups {
  const groups = new Map<string, SignalGroup>();
  return {
    add(signal) {
      const key = keyOf(signal);
      const known = groups.get(key);
      const group = { key, latest: signal, count: (known?.count ?? 0) + 1, since: known?.since ?? signal.at };
      groups.set(key, group);
      if (groups.size > MOST) dropOne(groups, key);
      return group;
    },
    all: () => [...groups.values()].toReversed(),
  };
}

function keyOf({ kind, severity, clientId, caller, detail, reportedBy, ...signal }: Signal): string {
  const about = [signal.familyFingerprint ?? signal.tokenFingerprint, signal.networkFingerprint];
  const text = JSON.stringify([kind, severity, clientId, caller, detail, reportedBy, ...about]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function dropOne(groups: Map<string, SignalGroup>, butNot: string): void {
  const [first] = [...groups.values()]
    .filter(({ key }) => key !== butNot)
    .toSorted((a, b) => rankOf(a.latest.severity) - rankOf(b.latest.severity) || a.latest.at - b.latest.at);
  if (first !== undefined) groups.delete(first.key);
}

import { openRecentTable } from "./recent-table.ts";
import { textHash } from "./text-hash.ts";
import { isOver } from "./window.ts";

/** Whether what is known by these numbers may be told again; if so, it counts as told. @param now in seconds */
export type Cooldown = (high: number, low: number, now: number) => boolean;

const WIDTH = 4;
const TOLD = 3;

/** When what was told last, for all detectors together. @returns makes the cooldown of one thing that is told, by its name */
export function openCooldowns(entries: number, seed: number): (name: string, cooldownMs: number) => Cooldown {
  const table = openRecentTable(entries, WIDTH, seed);
  return (name, cooldownMs) => {
    const salt = textHash(seed, name);
    const cooldown = Math.ceil(cooldownMs / 1_000);
    return (high, low, now) => {
      const entry = table.take(high ^ salt, low, now);
      const told = table.words[entry + TOLD] ?? 0;
      if (!isOver(told, now, cooldown)) return false;
      table.words[entry + TOLD] = now;
      return true;
    };
  };
}

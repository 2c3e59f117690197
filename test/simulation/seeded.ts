import { type Random, seededRandom } from "../chaos/random.ts";

const WORD = 2 ** 32;

/** Choices that are this one's alone: what another behaviour or person draws changes nothing here. */
export function randomFor(seed: number, ...names: readonly (string | number)[]): Random {
  return seededRandom(hash(`${seed}/${names.join("/")}`));
}

/** A whole number, both ends included. */
export function between(random: Random, least: number, greatest: number): number {
  return least + random.below(greatest - least + 1);
}

/** The time to the next of events that come independently of each other, whole. */
export function exponential(random: Random, mean: number): number {
  return Math.round(-Math.log(1 - random.below(WORD) / WORD) * mean);
}

/** FNV-1a. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  return state >>> 0;
}

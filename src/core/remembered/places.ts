/**
 * Where tokens lie, by 32 bits of their digests: numbers of 32 bits, in memory that the garbage collector does not walk through. A look-up
 * touches one line of the processor's cache, where a `Map` touches three or four.
 */
export type Places = {
  readonly size: number;
  /** @param hash signed, uniform */
  get(hash: number): number | undefined;
  /** @param place 0 or above */
  set(hash: number, place: number): void;
  delete(hash: number): void;
};

/** Open addressing with linear probing: of each slot the hash, then the place and 1, or 0 where it is free. */
type Table = { words: Int32Array; used: number };

/** A power of two. Each part grows by itself, so that nobody waits for all. */
const PARTS = 64;
const PART_SHIFT = 32 - Math.log2(PARTS);
const FIRST_SLOTS = 16;
const WORDS = 2;
const MAX_LOAD = 0.75;

export function places(): Places {
  const tables = Array.from({ length: PARTS }, () => emptyTable(FIRST_SLOTS));
  const tableOf = (hash: number): Table => {
    const table = tables[hash >>> PART_SHIFT];
    if (table === undefined) throw new Error("there is no such part");
    return table;
  };
  return {
    get size() {
      return tables.reduce((sum, { used }) => sum + used, 0);
    },
    get: (hash) => {
      const { words } = tableOf(hash);
      const told = words[slotOf(words, hash) + 1] ?? 0;
      return told === 0 ? undefined : told - 1;
    },
    set: (hash, place) => {
      const table = tableOf(hash);
      if ((table.used + 1) * WORDS > table.words.length * MAX_LOAD) grow(table);
      put(table, hash, place + 1);
    },
    delete: (hash) => {
      const table = tableOf(hash);
      const slot = slotOf(table.words, hash);
      if (table.words[slot + 1] === 0) return;
      table.words[closeGap(table.words, slot) + 1] = 0;
      table.used -= 1;
    },
  };
}

function put(table: Table, hash: number, told: number): void {
  const slot = slotOf(table.words, hash);
  if (table.words[slot + 1] === 0) table.used += 1;
  table.words[slot] = hash;
  table.words[slot + 1] = told;
}

function grow(table: Table): void {
  const { words } = table;
  Object.assign(table, emptyTable((words.length / WORDS) * 2));
  for (let slot = 0; slot < words.length; slot += WORDS) {
    const [hash = 0, told = 0] = [words[slot], words[slot + 1]];
    if (told !== 0) put(table, hash, told);
  }
}

/** Where the hash is, or would be. */
function slotOf(words: Int32Array, hash: number): number {
  let slot = homeOf(words, hash);
  while (words[slot + 1] !== 0 && words[slot] !== hash) slot = next(words, slot);
  return slot;
}

/** Moves up what lies further from its home because the slot was taken; returns the slot that is left over. */
function closeGap(words: Int32Array, gap: number): number {
  let hole = gap;
  for (let slot = next(words, hole); words[slot + 1] !== 0; slot = next(words, slot)) {
    const hash = words[slot] ?? 0;
    if (distance(words, homeOf(words, hash), slot) < distance(words, hole, slot)) continue;
    words.copyWithin(hole, slot, slot + WORDS);
    hole = slot;
  }
  return hole;
}

/** By the lower bits: the others choose the part. */
function homeOf(words: Int32Array, hash: number): number {
  return (hash * WORDS) & (words.length - 1);
}

function next(words: Int32Array, slot: number): number {
  return (slot + WORDS) & (words.length - 1);
}

function distance(words: Int32Array, from: number, to: number): number {
  return (to - from) & (words.length - 1);
}

function emptyTable(slots: number): Table {
  return { words: new Int32Array(slots * WORDS), used: 0 };
}

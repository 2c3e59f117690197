/** What is used of a `Map` from whole numbers above 0 and below 2^31. */
export type NumberMap<Value> = {
  readonly size: number;
  get(key: number): Value | undefined;
  set(key: number, value: Value): unknown;
  delete(key: number): boolean;
  /** In no order. What is visited may be deleted meanwhile. */
  forEach(visit: (value: Value, key: number) => void): void;
};

/** Open addressing with linear probing; a power of two of places, at least half of them free. */
type Table<Value> = { keys: Int32Array; values: (Value | undefined)[] };

/** No key is 0. */
const FREE = 0;
const FIRST_PLACES = 32;

/**
 * A map that keeps no value from the collector once it is deleted: V8's own leaves tables behind that refer to what was in them, and of
 * what comes and goes ten thousand times a second nothing then dies young (docs/adr/0014). This one empties a table before it is left,
 * and leaves it only to grow.
 */
export function numberMap<Value>(): NumberMap<Value> {
  let table = emptyTable<Value>(FIRST_PLACES);
  let size = 0;

  const put = (key: number, value: Value | undefined): boolean => {
    const place = placeOf(table.keys, key);
    const isNew = table.keys[place] === FREE;
    table.keys[place] = key;
    table.values[place] = value;
    return isNew;
  };
  const grow = (): void => {
    const left = table;
    table = emptyTable(left.keys.length * 2);
    for (const [place, key] of left.keys.entries()) if (key !== FREE) put(key, left.values[place]);
    left.values.fill(undefined);
  };

  return {
    get size() {
      return size;
    },
    get: (key) => table.values[placeOf(table.keys, key)],
    set(key, value) {
      if (size * 2 >= table.keys.length) grow();
      if (put(key, value)) size += 1;
    },
    delete(key) {
      const place = placeOf(table.keys, key);
      if (table.keys[place] === FREE) return false;
      const hole = closeGap(table, place);
      table.keys[hole] = FREE;
      table.values[hole] = undefined;
      size -= 1;
      return true;
    },
    forEach(visit) {
      // Whoever deletes moves others to places that were visited before.
      for (const key of table.keys.slice()) {
        const value = key === FREE ? undefined : table.values[placeOf(table.keys, key)];
        if (value !== undefined) visit(value, key);
      }
    },
  };
}

/** Where the key is, or would be. */
function placeOf(keys: Int32Array, key: number): number {
  let place = homeOf(keys, key);
  while (keys[place] !== FREE && keys[place] !== key) place = next(keys, place);
  return place;
}

/** Moves up what lies further from its home because the place was taken; returns the place that is left over. */
function closeGap<Value>({ keys, values }: Table<Value>, gap: number): number {
  let hole = gap;
  for (let place = next(keys, hole); ; place = next(keys, place)) {
    const key = keys[place] ?? FREE;
    if (key === FREE) return hole;
    if (distance(keys, homeOf(keys, key), place) < distance(keys, hole, place)) continue;
    keys[hole] = key;
    values[hole] = values[place];
    hole = place;
  }
}

/** The streams that a client begins have odd numbers, one after the other. */
function homeOf(keys: Int32Array, key: number): number {
  return (key >>> 1) & (keys.length - 1);
}

function next(keys: Int32Array, place: number): number {
  return (place + 1) & (keys.length - 1);
}

function distance(keys: Int32Array, from: number, to: number): number {
  return (to - from) & (keys.length - 1);
}

function emptyTable<Value>(places: number): Table<Value> {
  return { keys: new Int32Array(places), values: Array.from<Value | undefined>({ length: places }) };
}

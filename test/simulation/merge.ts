type Timed = { at: number };

type Waiting<Event> = { event: Event; order: number; rest: Iterator<Event> };

/**
 * All events of sources that are each in order of time, in order of time. Lazy: one event of each source is held. What comes at
 * the same time comes in the order of the sources.
 */
export function* merge<Event extends Timed>(sources: Iterable<Iterable<Event>>): Generator<Event, void, undefined> {
  const heap: Waiting<Event>[] = [];
  try {
    let order = 0;
    for (const source of sources) open(heap, source[Symbol.iterator](), order++);
    for (let index = (heap.length >> 1) - 1; index >= 0; index--) sink(heap, index);
    for (let first = heap[0]; first !== undefined; first = heap[0]) {
      yield first.event;
      const next = first.rest.next();
      if (next.done === true) dropFirst(heap);
      else first.event = next.value;
      sink(heap, 0);
    }
  } finally {
    for (const { rest } of heap) rest.return?.();
  }
}

function open<Event>(heap: Waiting<Event>[], rest: Iterator<Event>, order: number): void {
  const first = rest.next();
  if (first.done !== true) heap.push({ event: first.value, order, rest });
}

function dropFirst<Event>(heap: Waiting<Event>[]): void {
  const last = heap.pop();
  if (last !== undefined && heap.length > 0) heap[0] = last;
}

function sink<Event extends Timed>(heap: Waiting<Event>[], from: number): void {
  const moving = heap[from];
  if (moving === undefined) return;
  let hole = from;
  for (;;) {
    const child = earlierChild(heap, hole);
    const below = heap[child];
    if (below === undefined || !isBefore(below, moving)) break;
    heap[hole] = below;
    hole = child;
  }
  heap[hole] = moving;
}

function earlierChild<Event extends Timed>(heap: readonly Waiting<Event>[], parent: number): number {
  const [left, right] = [heap[2 * parent + 1], heap[2 * parent + 2]];
  return left !== undefined && right !== undefined && isBefore(right, left) ? 2 * parent + 2 : 2 * parent + 1;
}

function isBefore<Event extends Timed>(one: Waiting<Event>, other: Waiting<Event>): boolean {
  return one.event.at < other.event.at || (one.event.at === other.event.at && one.order < other.order);
}

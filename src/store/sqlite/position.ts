/** A place in the revocation log. The time of its entry belongs to it: a store that went back gives its positions out again. */
export type Position = { position: number; at: number };

/** Before the first entry. */
export const ORIGIN: Position = { position: 0, at: 0 };

export function formatPosition({ position, at }: Position): string {
  return `${position}-${at}`;
}

/** Of two numbers; what `formatPosition` has not made is a place that no log has. */
export function parsePosition(text: string): Position {
  const [position, at] = text.split("-");
  return { position: Number(position), at: Number(at) };
}

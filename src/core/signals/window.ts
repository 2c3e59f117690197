/**
 * Whether what began then is over, or never began: then it begins anew. A clock that is set back ends it too, so that nothing is silenced
 * or counted for longer than it is meant to be. All in seconds; 0 is what never was.
 */
export function isOver(from: number, now: number, window: number): boolean {
  return from === 0 || now < from || now - from >= window;
}

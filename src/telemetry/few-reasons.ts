/** More than error_reason.proto has. */
const MOST = 64;

/** Reasons are few, but an authority's come as it says them: whatever that is, there are only so many. */
export function fewReasons(): (reason: string) => string {
  const known = new Set<string>();
  return (reason) => {
    if (known.size < MOST) known.add(reason);
    return known.has(reason) ? reason : "OTHER";
  };
}

/** A position in the revocation log of one incarnation of a store. Opaque to everyone outside `store/`. */
export function formatRevision(incarnation: string, position: string): string {
  return `${incarnation}/${position}`;
}

/** What an operator is told who must decide. @param known the incarnation that was lost, where it is known */
export function lostStore(what: string, address: string, known: string | undefined): string {
  const named = known === undefined ? "" : ` --predecessor ${known}`;
  return (
    `The store at ${address} has lost ${what}: revocations may be missing, so it stays closed. Restore it from a backup; ` +
    `or accept the loss with \`assay store accept-loss${named}\`, which makes the store anew of what is left, ` +
    "so that running instances put back the keys and revocations that they still hold, and open."
  );
}

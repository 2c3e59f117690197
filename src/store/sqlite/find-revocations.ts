import type { LiveRevocation } from "../../core/ports.ts";
import type { Connection } from "./connection.ts";
import { integer, integerOrNull } from "./row.ts";

export function findRevocations(
  { statements }: Connection,
  digests: readonly Buffer[],
): Array<LiveRevocation | undefined> {
  const found: Array<LiveRevocation | undefined> = digests.map(() => undefined);
  const asked = JSON.stringify(digests.map((digest) => digest.toString("hex")));
  for (const row of statements.liveFind.iterate(asked)) {
    const cutOff = integerOrNull(row, "cut_off");
    found[integer(row, "place")] = cutOff === null ? {} : { cutOff };
  }
  return found;
}

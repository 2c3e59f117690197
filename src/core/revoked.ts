import { after, type AtOnce } from "./at-once.ts";
import type { Environment } from "./environment.ts";
import { type Marks, markOf, marksOf } from "./revocations/marks.ts";
import type { Selector } from "./selector.ts";
import type { Origin } from "./token/verified-token.ts";

type Judging = Pick<Environment, "keys" | "revocations">;

/**
 * Whether a live revocation names a token or anything it came from: an absolute one, or one whose cut-off is not before the
 * birth of what it names.
 * @throws AssayError `store_unavailable`: in doubt nobody is told "not revoked"
 */
export function isRevoked(environment: Judging, origins: readonly Origin[]): AtOnce<boolean> {
  return areNamed(environment, marksOf(environment.keys.selector, origins));
}

/** Whether what has no birth, such as a key, is revoked. @throws AssayError `store_unavailable` */
export function isNamed(environment: Judging, selector: Selector): AtOnce<boolean> {
  return areNamed(environment, markOf(environment.keys.selector, selector));
}

function areNamed({ revocations }: Judging, marks: Marks): AtOnce<boolean> {
  return after(revocations.settle(), () => revocations.nameOneOf(marks));
}

import type { Admission } from "./admission.ts";
import type { Marks } from "./revocations/marks.ts";
import type { OwnToken } from "./token/verified-token.ts";

/** A token that is genuine, with everything by which a revocation could name it. */
export type Recognised = OwnToken & {
  isJwt: boolean;
  marks: Marks;
  /** Absent where no key admitted it. */
  admission?: Admission | undefined;
  /** Whether it was verified before, and not now. */
  isRemembered: boolean;
};

import type { KeySource } from "./ports.ts";
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
  /** Of one that is remembered: the `changes` of the view by which no revocation named it. */
  unnamedAt?: number | undefined;
  /** Of one that is remembered: what a front door says of its claims, a character for each byte, kept there by the front door itself. */
  encoded?: string | undefined;
};

/** What admitted a token: the set of keys that its key was found in. */
export type Admission = { source: KeySource; in: object };

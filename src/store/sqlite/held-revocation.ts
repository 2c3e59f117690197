import type { HeldRevocation } from "../../core/revocation-log.ts";
import type { Strength } from "./append-revocation.ts";

export function heldRevocation(digest: Buffer, { cutOff, keepUntil }: Strength): HeldRevocation {
  const held: HeldRevocation = { digest };
  if (cutOff !== null) held.cutOff = cutOff;
  if (keepUntil !== null) held.keepUntil = keepUntil;
  return held;
}

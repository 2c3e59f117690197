import { AssayError } from "../core/error.ts";

/** Two numbers: where in the log, as its store counts. */
const FORM = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/(\d{1,20}-\d{1,20})$/;

/** A position in the revocation log of one incarnation of a store. Opaque to everyone outside `store/`. */
export function formatRevision(incarnation: string, position: string): string {
  return `${incarnation}/${position}`;
}

/** @throws AssayError `invalid_request` for what no store of ours has made */
export function parseRevision(revision: string): { incarnation: string; position: string } {
  const [, incarnation, position] = FORM.exec(revision) ?? [];
  if (incarnation === undefined || position === undefined) {
    throw new AssayError("invalid_request", "this is no revision: pass one on as it was answered");
  }
  return { incarnation, position };
}

/** Whether one position is at or beyond another. False where they are of different incarnations: then neither says anything of the other. */
export function isAtOrBeyond(revision: string, other: string): boolean {
  const [one, another] = [parseRevision(revision), parseRevision(other)];
  if (one.incarnation !== another.incarnation) {
    return false;
  }
  const [[major, minor], [otherMajor, otherMinor]] = [numbers(one.position), numbers(another.position)];
  return major === otherMajor ? minor >= otherMinor : major > otherMajor;
}

function numbers(position: string): [bigint, bigint] {
  const [major = "", minor = ""] = position.split("-");
  return [BigInt(major), BigInt(minor)];
}

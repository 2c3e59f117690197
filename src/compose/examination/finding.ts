import { AssayError } from "../../core/error.ts";

/** What an examination says of one thing. `says` tells what is wrong and how to mend it, or what is right. No secret is in it. */
export type Finding = {
  /** What was looked at: `store`, `master key`, `authority HOST:PORT`, `certificate PATH`, `issuer URL`. */
  subject: string;
  /** Only a `fault` stands against serving. */
  state: "ok" | "warning" | "fault";
  says: string;
};

export type Said = Pick<Finding, "state" | "says">;

export function ok(says: string): Said {
  return { state: "ok", says };
}

export function warning(says: string): Said {
  return { state: "warning", says };
}

export function fault(says: string): Said {
  return { state: "fault", says };
}

/** What the core tells nobody says its cause. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof AssayError && error.cause instanceof Error ? error.cause.message : error.message;
}

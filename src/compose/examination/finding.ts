/** What an examination says of one thing. `says` tells what is wrong and how to mend it, or what is right. No secret is in it. */
export type Finding = {
  /** What was looked at: `store`, `master key`, `certificate PATH`, `issuer URL`. */
  subject: string;
  /** Only a `problem` stands against serving. */
  state: "good" | "warning" | "problem";
  says: string;
};

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { allows, type Caller, requirePermission } from "../caller.ts";
import { AssayError } from "../error.ts";

/** What a request says of what it asks for. Without audiences what is issued is for those of a family, which a request does not name. */
export type IssueWish = { clientId: string; audience: readonly string[] | undefined };

/**
 * What of a caller's permission can be told from a request alone, where clients and their policies are known elsewhere.
 * @throws AssayError `permission_missing`, `client_not_allowed`, `audience_not_allowed`
 */
export function requireMayIssue(caller: Caller, { clientId, audience }: IssueWish): void {
  const { clients, audiences } = requirePermission(caller, "issue");
  if (!allows(clients, clientId)) {
    throw new AssayError(
      "client_not_allowed",
      `client_id: the caller '${caller.name}' may not issue for '${clientId}': see callers[].clients and what limits issue in callers[].permissions`,
    );
  }
  if (audiences === "all") return;
  if (audience === undefined) {
    throw new AssayError(
      "audience_not_allowed",
      `the caller '${caller.name}' may issue for certain audiences only, and a verifier cannot narrow what a refresh yields: refresh at an authority, or remove audiences from its issue`,
    );
  }
  const excess = audience.find((name) => !audiences.has(name));
  if (excess === undefined) return;
  throw new AssayError(
    "audience_not_allowed",
    `audience: the caller '${caller.name}' may not issue for '${excess}': ask for others, or add it to those that limit issue in callers[].permissions`,
  );
}

/** Every way of limiting a permission to an audience and a client, generated for the caller matrix. */
import type { ConfigInput } from "../../src/config/schema.ts";
import type { Permission } from "../../src/core/caller.ts";
import { API, ORDERS } from "../support/server.ts";

export const AUDIENCES = { own: API, foreign: ORDERS };
export const CLIENTS = { own: "web", foreign: "orders" };

type CallerInput = NonNullable<ConfigInput["callers"]>[number];
type Limited = { audiences: boolean; clients: boolean };

export type Way = {
  way: string;
  /** The caller's own. */
  lists: Required<Pick<CallerInput, "audiences" | "clients">>;
  entry: CallerInput["permissions"][number];
  /** What the permission is limited to by all that: the own audience, the own client. */
  limited: Limited;
  /** Whether such a configuration may be. */
  isAllowed: boolean;
};

/** Whether a permission may itself be limited to audiences and to clients, and which of the caller's own lists limit it. */
const LIMITABLE: Readonly<Record<Permission, { to: Limited; byOwnLists: Limited }>> = {
  introspect: { to: { audiences: true, clients: true }, byOwnLists: { audiences: true, clients: false } },
  issue: { to: { audiences: true, clients: true }, byOwnLists: { audiences: false, clients: true } },
  revoke: { to: { audiences: true, clients: true }, byOwnLists: { audiences: false, clients: true } },
  watch: { to: { audiences: false, clients: false }, byOwnLists: { audiences: false, clients: false } },
  diagnose: { to: { audiences: true, clients: true }, byOwnLists: { audiences: false, clients: false } },
  admin: { to: { audiences: false, clients: true }, byOwnLists: { audiences: false, clients: true } },
};

const WIDE = { audiences: Object.values(AUDIENCES), clients: ["*"] };
const NARROW = { audiences: [AUDIENCES.own], clients: [CLIENTS.own] };

export function waysOf(permission: Permission): Way[] {
  const { to, byOwnLists } = LIMITABLE[permission];
  const byItself = [false, true].flatMap((audiences) =>
    [false, true].map((clients): Way => ({
      way: audiences || clients ? `itself to ${named({ audiences, clients })}` : "by nothing",
      lists: WIDE,
      entry: {
        permission,
        ...(audiences ? { audiences: NARROW.audiences } : {}),
        ...(clients ? { clients: NARROW.clients } : {}),
      },
      limited: { audiences, clients },
      isAllowed: (to.audiences || !audiences) && (to.clients || !clients),
    })),
  );
  return [
    ...byItself,
    { way: "by the caller's own lists", lists: NARROW, entry: permission, limited: byOwnLists, isAllowed: true },
  ];
}

function named({ audiences, clients }: Limited): string {
  return [...(audiences ? ["an audience"] : []), ...(clients ? ["a client"] : [])].join(" and ");
}
